import { describe, expect, it } from 'vitest';
import type { Operation } from './contract.ts';
import { OPENAI_COMPATIBLE } from './openai-compatible/providers.ts';
import { knownButNotServed } from './other-providers.ts';
import { namesInRules } from './parameters.ts';
import { PROVIDERS, resolveProvider, targetOf } from './registry.ts';
import type { TargetInput } from './spec.ts';
import type { Target } from './target.ts';

const MISSION_BASE = 'https://exampleopenaiendpoint-production.up.railway.app/';

function built(input: TargetInput, env: Record<string, string> = {}): Target {
  const result = targetOf(input, env);
  if (!result.ok) throw new Error(`${result.code}: ${result.reason}`);
  return result.target;
}

function url(target: Target, operation: Operation = 'chat'): string | undefined {
  const path = target.pathFor(operation, target.upstreamModel);
  return path === undefined ? undefined : target.origin + path;
}

describe('resolveProvider', () => {
  it.each([
    [{ model: 'openai/gpt-4o' }, 'openai', 'gpt-4o'],
    [{ model: 'openai/fake' }, 'openai', 'fake'],
    [{ model: 'openrouter/anthropic/claude-x' }, 'openrouter', 'anthropic/claude-x'],
    [{ model: 'gpt-4o' }, 'openai', 'gpt-4o'],
    [{ model: 'o3-mini' }, 'openai', 'o3-mini'],
    [{ model: 'ft:gpt-4o:org::id' }, 'openai', 'ft:gpt-4o:org::id'],
    [{ model: 'text-embedding-3-small' }, 'openai', 'text-embedding-3-small'],
    [{ model: 'gpt-3.5-turbo-instruct' }, 'text-completion-openai', 'gpt-3.5-turbo-instruct'],
    [{ model: '*' }, 'openai', '*'],
    [{ model: 'openai/*' }, 'openai', '*'],
    [{ model: 'azure/my-deployment' }, 'azure', 'my-deployment'],
    [{ model: 'some-model', customProvider: 'groq' }, 'groq', 'some-model'],
    [{ model: 'groq/some-model', customProvider: 'groq' }, 'groq', 'some-model'],
    [{ model: 'odd/name', customProvider: 'openai' }, 'openai', 'odd/name'],
    [{ model: 'llama3-70b', apiBase: 'https://api.groq.com/openai/v1' }, 'groq', 'llama3-70b'],
    [
      { model: 'meta-llama/Llama-3', apiBase: 'https://api.deepinfra.com/v1/openai/' },
      'deepinfra',
      'meta-llama/Llama-3',
    ],
    [{ model: 'groq/x', apiBase: 'https://api.mistral.ai/v1' }, 'groq', 'x'],
  ])('%j is %s, %s', (input, provider, upstreamModel) => {
    const result = resolveProvider(input);
    expect(result.ok && [result.provider.name, result.upstreamModel]).toEqual([provider, upstreamModel]);
  });

  it.each([
    [{ model: 'my-llama' }, 'provider-unknown', 'openai/my-llama'],
    [{ model: 'my-llama', apiBase: 'http://localhost:8000/v1' }, 'provider-unknown', 'openai/my-llama'],
    [{ model: 'nobody/x' }, 'provider-unknown', 'openai/nobody/x'],
    [{ model: 'x', customProvider: 'nobody' }, 'provider-unknown', 'openai/x'],
    [{ model: 'x', apiBase: 'https://api.groq.com.evil.example/openai/v1' }, 'provider-unknown', 'openai/x'],
    [{ model: '' }, 'provider-unknown', 'openai/'],
    [{ model: 'anthropic/claude-x' }, 'provider-not-supported', 'openai/claude-x'],
    [{ model: 'claude-x' }, 'provider-not-supported', 'openai/claude-x'],
    [{ model: 'bedrock/anthropic.claude-v2' }, 'provider-not-supported', 'openai/anthropic.claude-v2'],
    [{ model: 'vertex_ai/gemini-pro' }, 'provider-not-supported', 'openai/gemini-pro'],
    [{ model: 'novita/x' }, 'provider-not-supported', 'openai/x'],
    [{ model: 'replicate/x' }, 'provider-not-supported', 'openai/x'],
  ])('%j is refused as %s', (input, code, hint) => {
    const result = resolveProvider(input);
    expect(result.ok ? undefined : result.code).toBe(code);
    expect(result.ok ? '' : result.hint).toContain(hint);
  });
});

describe('targetOf', () => {
  it('sends to the base of the mission and shows it as written', () => {
    const target = built({ model: 'openai/fake', apiKey: 'fake-key', apiBase: MISSION_BASE });
    expect(url(target)).toBe('https://exampleopenaiendpoint-production.up.railway.app/chat/completions');
    expect(target.shownApiBase).toBe(MISSION_BASE);
    expect(target.headers).toEqual(['authorization', 'Bearer fake-key']);
    expect(target.upstreamModel).toBe('fake');
  });

  it('shows OpenAI without its /v1 and sends with it', () => {
    const target = built({ model: 'openai/gpt-4o', organization: 'org-1' }, { OPENAI_API_KEY: ' sk-x\n' });
    expect(target.shownApiBase).toBe('https://api.openai.com');
    expect(url(target)).toBe('https://api.openai.com/v1/chat/completions');
    expect(url(target, 'embeddings')).toBe('https://api.openai.com/v1/embeddings');
    expect(target.headers).toEqual(['authorization', 'Bearer sk-x', 'openai-organization', 'org-1']);
  });

  it.each([
    [{ model: 'groq/x', apiKey: 'k' }, 'https://api.groq.com/openai/v1/chat/completions'],
    [{ model: 'ollama/llama3' }, 'http://localhost:11434/v1/chat/completions'],
    [{ model: 'ollama_chat/llama3', apiBase: 'http://gpu:11434/' }, 'http://gpu:11434/v1/chat/completions'],
    [{ model: 'ollama/llama3', apiBase: 'http://gpu:11434/v1' }, 'http://gpu:11434/v1/chat/completions'],
    [{ model: 'hosted_vllm/m', apiBase: 'http://10.0.0.1:8000/v1/' }, 'http://10.0.0.1:8000/v1/chat/completions'],
    [{ model: 'openai/m', apiBase: 'http://h/v1/chat/completions' }, 'http://h/v1/chat/completions'],
    [{ model: 'openai/m', apiBase: 'http://h/v1?key=a&b=c' }, 'http://h/v1/chat/completions?key=a&b=c'],
    [{ model: 'openai/m', apiBase: 'HTTP://[::1]:8080' }, 'http://[::1]:8080/chat/completions'],
    [{ model: 'voyage/v3', apiKey: 'k' }, undefined],
    [
      { model: 'azure/my dep', apiKey: 'k', apiBase: 'https://r.openai.azure.com/', apiVersion: '2024-10-21' },
      'https://r.openai.azure.com/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21',
    ],
    [
      {
        model: 'azure/',
        apiKey: 'k',
        apiBase: 'https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1',
      },
      'https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1',
    ],
    [
      { model: 'azure/d', apiKey: 'k', apiBase: 'https://r.openai.azure.com/openai/v1/' },
      'https://r.openai.azure.com/openai/v1/chat/completions',
    ],
    [
      { model: 'azure/d', apiKey: 'k', apiBase: 'https://r.openai.azure.com', apiVersion: 'preview' },
      'https://r.openai.azure.com/openai/v1/chat/completions?api-version=preview',
    ],
  ])('%j goes to %s', (input, expected) => {
    expect(url(built(input))).toBe(expected);
  });

  it.each<[TargetInput, Operation, string | undefined]>([
    [{ model: 'openai/m', apiKey: 'k' }, 'rerank', undefined],
    [{ model: 'openai/m', apiBase: 'http://h/v1' }, 'rerank', 'http://h/v1/rerank'],
    [{ model: 'openai/m', apiBase: 'http://h/v1/rerank' }, 'rerank', 'http://h/v1/rerank'],
    [{ model: 'cohere/c', apiKey: 'k' }, 'chat', 'https://api.cohere.com/compatibility/v1/chat/completions'],
    [{ model: 'cohere/c', apiKey: 'k' }, 'rerank', 'https://api.cohere.com/v2/rerank'],
    [{ model: 'cohere/c', apiBase: 'http://h/compatibility/v1' }, 'rerank', 'http://h/v2/rerank'],
    [{ model: 'cohere/c', apiBase: 'http://h/v2/rerank' }, 'rerank', 'http://h/v2/rerank'],
    [{ model: 'cohere/c', apiBase: 'http://h/compatibility/v1' }, 'embeddings', 'http://h/compatibility/v1/embeddings'],
    [
      { model: 'gemini/g', apiKey: 'k' },
      'chat',
      'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    ],
    [{ model: 'gemini/g', apiBase: 'http://h/v1beta/' }, 'chat', 'http://h/v1beta/openai/chat/completions'],
    [{ model: 'gemini/g', apiBase: 'http://h/v1beta/openai' }, 'chat', 'http://h/v1beta/openai/chat/completions'],
    [{ model: 'mistral/m', apiBase: 'http://h' }, 'moderations', 'http://h/v1/moderations'],
    [{ model: 'mistral/m', apiBase: 'http://h/v1' }, 'moderations', 'http://h/v1/moderations'],
    [{ model: 'groq/m', apiKey: 'k' }, 'embeddings', undefined],
    [{ model: 'voyage/m', apiKey: 'k' }, 'rerank', undefined],
  ])('sends %j for %s to %s', (input, operation, expected) => {
    expect(url(built(input), operation)).toBe(expected);
  });

  it.each<[string, string | undefined, Operation, string | undefined]>([
    ['https://r', '2025-03-01-preview', 'responses', 'https://r/openai/responses?api-version=2025-03-01-preview'],
    ['https://r/openai', '1', 'responses', 'https://r/openai/responses?api-version=1'],
    ['https://r/openai/responses', '1', 'responses', 'https://r/openai/responses?api-version=1'],
    ['https://r/openai/responses', '1', 'chat', 'https://r/openai/deployments/d/chat/completions?api-version=1'],
    ['https://r', 'preview', 'responses', 'https://r/openai/v1/responses?api-version=preview'],
    ['https://r/openai/v1', undefined, 'responses', 'https://r/openai/v1/responses'],
    ['https://r/openai/deployments/x', '1', 'responses', 'https://r/openai/responses?api-version=1'],
    ['https://r/openai/deployments/x', '1', 'speech', 'https://r/openai/deployments/x/audio/speech?api-version=1'],
    ['https://r', '1', 'image_edits', 'https://r/openai/deployments/d/images/edits?api-version=1'],
    ['https://r', '1', 'rerank', undefined],
  ])('sends azure/d at %s, version %s, for %s to %s', (apiBase, apiVersion, operation, expected) => {
    const version = apiVersion === undefined ? {} : { apiVersion };
    expect(url(built({ model: 'azure/d', apiKey: 'k', apiBase, ...version }), operation)).toBe(expected);
  });

  it('does not show the query of a base', () => {
    expect(built({ model: 'openai/m', apiBase: 'http://h/v1?key=a' }).shownApiBase).toBe('http://h/v1');
  });

  it('sends an Azure key as api-key, and an Azure token as a bearer token', () => {
    const azure = { model: 'azure/d', apiBase: 'https://r', apiVersion: '1' };
    expect(built({ ...azure, apiKey: 'k' }).headers).toEqual(['api-key', 'k']);
    expect(built({ ...azure, azureAdToken: 't' }, { AZURE_API_KEY: 'other' }).headers).toEqual([
      'authorization',
      'Bearer t',
    ]);
  });

  it('lets extra headers win over the credential, each name once', () => {
    const extraHeaders = new Map([
      ['authorization', 'Basic x'],
      ['x-a', 'b'],
    ]);
    const target = built({ model: 'openai/m', apiKey: 'k', apiBase: 'http://h', extraHeaders });
    expect(target.headers).toEqual(['authorization', 'Basic x', 'x-a', 'b']);
  });

  it("takes the base from the provider's variable, and sends nothing where no credential is needed", () => {
    const target = built({ model: 'lm_studio/m' }, { LM_STUDIO_API_BASE: 'http://localhost:1234/v1' });
    expect([url(target), target.headers]).toEqual(['http://localhost:1234/v1/chat/completions', []]);
  });

  it('puts the inference provider of Hugging Face behind the model', () => {
    expect(built({ model: 'huggingface/novita/org/m', apiKey: 'k' }).upstreamModel).toBe('org/m:novita');
  });

  it.each([
    [{ model: 'openai/gpt-4o' }, 'missing-credential'],
    [{ model: 'hosted_vllm/m' }, 'missing-api-base'],
    [{ model: 'azure/d', apiKey: 'k' }, 'missing-api-base'],
    [{ model: 'azure/d', apiBase: 'https://r', apiVersion: '1' }, 'missing-credential'],
    [{ model: 'azure/', apiBase: 'https://r', apiKey: 'k', apiVersion: '1' }, 'missing-setting'],
    [{ model: 'openai/', apiKey: 'k' }, 'missing-setting'],
    [{ model: 'openai/m', apiBase: 'localhost:8000' }, 'bad-api-base'],
    [{ model: 'openai/m', apiBase: 'ftp://h' }, 'bad-api-base'],
    [{ model: 'openai/m', apiBase: 'http://' }, 'bad-api-base'],
    [{ model: 'openai/m', apiBase: 'http://user:topsecret@h/v1' }, 'bad-api-base'],
    [{ model: 'openai/m', apiKey: 'top\nsecret', apiBase: 'http://h' }, 'missing-credential'],
  ])('%j is refused as %s, without a secret in the reason', (input, code) => {
    const result = targetOf(input, {});
    expect(result.ok ? undefined : result.code).toBe(code);
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it('does not take inherited properties for variables', () => {
    const env = Object.create({ OPENAI_API_KEY: 'k' }) as Record<string, string>;
    expect(targetOf({ model: 'openai/m' }, env).ok).toBe(false);
  });
});

describe('PROVIDERS', () => {
  it('has each name once, and none that is also known as not served', () => {
    const names = [...OPENAI_COMPATIBLE.map(({ name }) => name), 'azure'];
    expect(names.length).toBe(PROVIDERS.size);
    expect(names.filter((name) => knownButNotServed(name) !== undefined)).toEqual([]);
  });

  it('has rules only for operations that a row offers, under names that a body can be searched for', () => {
    for (const { name, paths, parameters = {} } of PROVIDERS.values()) {
      expect(
        Object.keys(parameters).filter((operation) => !(operation in paths)),
        name,
      ).toEqual([]);
      for (const parameter of namesInRules(parameters)) expect(parameter, name).toMatch(/^[a-z0-9_-]+$/);
    }
  });

  it('has rows whose bases are https, or this machine', () => {
    for (const spec of PROVIDERS.values()) {
      const base = spec.defaultBase ?? 'https://none.example';
      expect(base, spec.name).toMatch(/^https:\/\/|^http:\/\/localhost:/);
      for (const source of spec.sources) expect(source, spec.name).toMatch(/^https:\/\/|^npm:/);
    }
  });
});
