import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { fixture, FREE_HOST, MissionStage, PAID_HOST } from '../support/mission-stage.ts';
import type { RunningProgram } from '../support/program.ts';

const FREE_BASE = `https://${FREE_HOST}/`;

let stage: MissionStage;

beforeAll(async () => {
  stage = await MissionStage.open();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

describe('quick start', () => {
  let litellm: RunningProgram;
  beforeAll(async () => {
    litellm = await stage.startLitellm('quick-start.yaml');
  });
  afterAll(async () => {
    await litellm[Symbol.asyncDispose]();
  });

  test('the start prints what tools wait for', () => {
    expect(litellm.output()).toContain('LiteLLM: Proxy initialized with Config, Set models:\n    gpt-4\n');
  });

  test('tags=["free"] is routed to openai/fake', async () => {
    const answer = await stage.runCurl('call-free.sh');
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-api-base')).toBe(FREE_BASE);
    expect(answer.body).toBe(fixture('answer-free.json'));
    const messages = [{ role: 'user', content: 'Hello, Claude gm!' }];
    expect(stage.onlyRequest()).toEqual({
      host: FREE_HOST,
      path: '/chat/completions',
      key: 'Bearer fake-key',
      body: { model: 'fake', messages },
    });
  });

  test('tags=["paid"] is routed to openai/gpt-4o', async () => {
    const answer = await stage.runCurl('call-paid.sh');
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-api-base')).toBe('https://api.openai.com');
    expect(answer.body).toBe(fixture('answer-paid.json'));
    expect(stage.onlyRequest()).toMatchObject({
      host: PAID_HOST,
      path: '/v1/chat/completions',
      key: 'Bearer sk-of-openai',
      body: { model: 'gpt-4o' },
    });
  });

  test('the header x-litellm-tags: free,my-custom-tag is routed to openai/fake', async () => {
    const shown = await stage.runCurl('call-header.sh', ' -i');
    expect(shown.headers.get('x-litellm-model-api-base')).toBe(FREE_BASE);
    const asPrinted = await stage.runCurl('call-header.sh');
    expect(asPrinted.body).toBe(fixture('answer-free.json'));
    const request = stage.onlyRequest();
    expect(request).toMatchObject({ host: FREE_HOST, key: 'Bearer fake-key', body: { model: 'fake' } });
    expect(request.body['messages']).toEqual([{ role: 'user', content: "Hey, how's it going 123456?" }]);
    expect([...(stage.internet.requests[0]?.headers.keys() ?? [])]).not.toContain('x-litellm-tags');
  });

  test('untagged requests are routed to the default deployment', async () => {
    const untagged = `curl -i http://localhost:4000/v1/chat/completions -H "Authorization: Bearer sk-1234" -H "Content-Type: application/json" -d '{"model": "gpt-4", "messages": [{"role": "user", "content": "Hello"}]}'`;
    const answer = await stage.curl(untagged);
    expect(answer.headers.get('x-litellm-model-api-base')).toBe(FREE_BASE);
    expect(stage.onlyRequest()).toMatchObject({
      host: FREE_HOST,
      key: 'Bearer sk-of-openai',
      body: { model: 'gpt-4o' },
    });
  });
});

describe('setting default tags', () => {
  test('a request without tags shows x-litellm-model-id: default-model', async () => {
    await using litellm = await stage.startLitellm('default-tag.yaml');
    const answer = await stage.runCurl('call-default.sh');
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-id')).toBe('default-model');
    expect(stage.onlyRequest()).toMatchObject({ host: FREE_HOST, key: 'Bearer fake-key', body: { model: 'fake' } });
    expect(litellm.output()).toContain('only programs on this machine are answered');
  });
});
