import type { ProviderSpec } from '../spec.ts';
import { CLOUDS } from './rows/clouds.ts';
import { GATEWAYS } from './rows/gateways.ts';
import { MAKERS } from './rows/makers.ts';
import { OWN_SERVERS } from './rows/own-servers.ts';

/** Providers that speak OpenAI's dialect. Key variables and default bases are those that LiteLLM documents for each prefix. */
export const OPENAI_COMPATIBLE: readonly ProviderSpec[] = [...MAKERS, ...OWN_SERVERS, ...CLOUDS, ...GATEWAYS];
