import { expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addSchema } from './command.ts';

test('prints a JSON Schema that knows the sections of a config', async () => {
  const { io, out } = recordedIo();
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  expect(await runCli(['schema'], { io, actions: recordedActions().actions, identity }, [addSchema])).toBe(EXIT.ok);
  const schema = JSON.parse(out()) as { $schema: string; properties: Record<string, unknown> };
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['model_list', 'router_settings', 'litellm_settings', 'general_settings', 'tags']),
  );
});
