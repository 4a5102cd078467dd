import { styleText } from 'node:util';

import type { TextSink } from './io.ts';

type Style = (text: string) => string;

/** Styles by meaning, so that a change of colour is a change in one place. */
export interface Paint {
  readonly enabled: boolean;
  readonly strong: Style;
  readonly quiet: Style;
  readonly good: Style;
  readonly bad: Style;
  readonly careful: Style;
  readonly name: Style;
}

/** Colours where the sink is a terminal and neither NO_COLOR (https://no-color.org) nor TERM=dumb objects. */
export function paintFor(sink: TextSink, env: Readonly<Record<string, string | undefined>>): Paint {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return makePaint(sink.isTty && !refused);
}

export function makePaint(enabled: boolean): Paint {
  const style = (format: Parameters<typeof styleText>[0]): Style =>
    enabled ? (text) => styleText(format, text, { validateStream: false }) : (text) => text;
  return {
    enabled,
    strong: style('bold'),
    quiet: style('dim'),
    good: style('green'),
    bad: style('red'),
    careful: style('yellow'),
    name: style('cyan'),
  };
}
