import { expect, test } from 'vitest';

import { findCallEndpoint } from './endpoint.ts';

test.each([
  ['/v1/chat/completions', { operation: 'chat' }],
  ['/chat/completions', { operation: 'chat' }],
  ['/v1/completions', { operation: 'completions' }],
  ['/completions', { operation: 'completions' }],
  ['/v1/embeddings', { operation: 'embeddings' }],
  ['/embeddings', { operation: 'embeddings' }],
  ['/openai/deployments/gpt-4/chat/completions', { operation: 'chat', pathModel: 'gpt-4' }],
  ['/openai/deployments/gpt-4/completions', { operation: 'completions', pathModel: 'gpt-4' }],
  ['/engines/gpt-4/embeddings', { operation: 'embeddings', pathModel: 'gpt-4' }],
  ['/v1/engines/gpt-4/chat/completions', { operation: 'chat', pathModel: 'gpt-4' }],
  ['/openai/deployments/openai/gpt-4o/chat/completions', { operation: 'chat', pathModel: 'openai/gpt-4o' }],
  ['/openai/deployments/openai%2Fgpt-4o/chat/completions', { operation: 'chat', pathModel: 'openai/gpt-4o' }],
  ['/engines/__proto__/chat/completions', { operation: 'chat', pathModel: '__proto__' }],
  ['/openai/deployments//chat/completions', undefined],
  ['/openai/deployments/%ff/chat/completions', undefined],
  ['/v1/v1/chat/completions', undefined],
  ['/V1/chat/completions', undefined],
  ['/v1/chat/completions/', undefined],
  ['//v1/chat/completions', undefined],
  ['/constructor', undefined],
])('%s is %j', (path, wanted) => {
  expect(findCallEndpoint(path)).toEqual(wanted);
});
