import { describe, expect, it } from 'vitest';
import { checkTargets, type CheckedDeployment } from './check-targets.ts';

const at = { file: 'config.yaml', line: 3, column: 5 };

function deployment(part: Partial<CheckedDeployment>): CheckedDeployment {
  return { group: 'g', model: 'openai/m', at, ...part };
}

describe('checkTargets', () => {
  it.each<[string, Partial<CheckedDeployment>, string[]]>([
    ['a deployment that is well', { apiKey: 'k' }, []],
    ["a key from the provider's variable", {}, []],
    ['a provider that needs a translation', { model: 'anthropic/claude-x' }, ['warning provider-not-supported']],
    ['a model without a provider', { model: 'my-llama' }, ['warning provider-unknown']],
    ['no base', { model: 'hosted_vllm/m' }, ['warning missing-api-base']],
    ['a user in the base', { apiBase: 'http://u:topsecret@h' }, ['warning bad-api-base']],
    [
      'the endpoint in the base',
      { apiKey: 'k', apiBase: 'http://h/v1/chat/completions' },
      ['warning endpoint-in-api-base'],
    ],
    ['a key that goes to another host unasked', { apiBase: 'http://h/v1' }, ['warning implicit-credential']],
    ["the provider's own host", { apiBase: 'https://api.openai.com/v1' }, []],
    ['a mode that its provider takes', { apiKey: 'k', mode: 'moderation' }, []],
    ['a mode of which nothing is known', { apiKey: 'k', mode: 'realtime' }, []],
    ['a mode that its provider lacks', { apiKey: 'k', mode: 'rerank' }, ['warning mode-not-offered']],
    ['a mode of a wildcard', { apiKey: 'k', model: 'groq/*', mode: 'embedding' }, ['warning mode-not-offered']],
    ['every model to one provider', { model: '*' }, ['note wildcard-provider']],
    ['one that reading has reported', { model: 'anthropic/x', unbuildable: 'no key' }, []],
    ['a mock', { model: 'anthropic/x', mockResponse: 'hi' }, []],
  ])('%s', (_name, part, expected) => {
    const problems = checkTargets([deployment(part)], { OPENAI_API_KEY: 'topsecret' });
    expect(problems.map((problem) => `${problem.severity} ${problem.code}`)).toEqual(expected);
    expect(JSON.stringify(problems)).not.toContain('topsecret');
    for (const problem of problems) expect(problem.at).toEqual(at);
  });
});
