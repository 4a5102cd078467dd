import { InvalidArgumentError } from 'commander';

import { CliFailure, type CliIo } from '../io.ts';

/** How far the master key protects. */
export type KeyStanding = 'none' | 'weak' | 'strong';

export interface AddressWish {
  /** `--host`. */
  readonly host: string | undefined;
  /** `--port`. */
  readonly port: number | undefined;
  readonly key: KeyStanding;
  /** `--insecure-no-auth`, or `general_settings.dangerously_permit_weak_or_unset_master_key`. */
  readonly permitted: boolean;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** True when the missing or weak key keeps the gateway on this machine. */
  readonly loopbackOnly: boolean;
}

const DEFAULT_PORT = 4000;
const KEY_WORDS: Record<KeyStanding, string> = {
  none: 'no master key is set',
  weak: 'the master key is under 16 characters or well known',
  strong: 'the master key is strong',
};

/**
 * Where to listen: flags, else HOST and PORT as LiteLLM reads them, else 0.0.0.0:4000. Without a strong master key only
 * this machine may call: the default host becomes 127.0.0.1, and another one that was asked for is refused.
 */
export function chooseAddress(wish: AddressWish, io: CliIo): Address {
  const fromEnv = io.env['HOST'];
  const asked = wish.host ?? (fromEnv === '' ? undefined : fromEnv);
  const port = wish.port ?? portFromEnv(io);
  if (wish.key === 'strong' || wish.permitted) return { host: asked ?? '0.0.0.0', port, loopbackOnly: false };
  if (asked !== undefined && !isLoopback(asked)) {
    const source = wish.host === undefined ? 'HOST' : '--host';
    throw new CliFailure(
      `${source} asks to listen on ${asked}, but ${KEY_WORDS[wish.key]}: anybody there could use it.`,
      {
        hint: 'Set general_settings.master_key or LITELLM_MASTER_KEY to at least 16 characters, or say --insecure-no-auth.',
      },
    );
  }
  return { host: asked ?? '127.0.0.1', port, loopbackOnly: true };
}

/** What a missing or weak key means for who is answered; undefined with a strong one. */
export function keyNotice(key: KeyStanding, { loopbackOnly }: Address): string | undefined {
  if (key === 'strong') return undefined;
  const said = `${KEY_WORDS[key].charAt(0).toUpperCase()}${KEY_WORDS[key].slice(1)}`;
  return loopbackOnly
    ? `${said}: only programs on this machine are answered.`
    : `${said}, and that is permitted: anybody who reaches this address may use the gateway.`;
}

/** A port number from the command line; 0 takes any free one. */
export function readPort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw new InvalidArgumentError('Write a number from 0 to 65535.');
  return port;
}

function portFromEnv(io: CliIo): number {
  const text = io.env['PORT'];
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = parsePort(text);
  if (port === undefined) throw new CliFailure(`PORT is ${JSON.stringify(text)}, not a number from 0 to 65535.`);
  return port;
}

function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
