import { GENERAL_SETTINGS } from './general-settings.ts';
import type { KeyTable } from './key.ts';
import { LITELLM_PARAMS } from './litellm-params.ts';
import { LITELLM_SETTINGS } from './litellm-settings.ts';
import { MODEL_INFO } from './model-info.ts';
import { ALLOWED_FAILS_POLICY, RETRY_POLICY, ROUTER_SETTINGS } from './router-settings.ts';
import { CREDENTIAL_ENTRY, DECLARED_TAG, MODEL_ENTRY, TOP_LEVEL } from './top-level.ts';

/** One kind of map in a config: where it stands, and which keys it may hold. */
export interface Section {
  readonly name: string;
  /** As people write it: `model_list[].litellm_params`. */
  readonly place: string;
  readonly keys: KeyTable;
}

const section = (name: string, place: string, keys: KeyTable): Section => ({ name, place, keys });

/** Every map of a config, in the order of the reference. */
export const SECTIONS = {
  topLevel: section('topLevel', 'the top level', TOP_LEVEL),
  modelEntry: section('modelEntry', 'model_list[]', MODEL_ENTRY),
  litellmParams: section('litellmParams', 'model_list[].litellm_params', LITELLM_PARAMS),
  modelInfo: section('modelInfo', 'model_list[].model_info', MODEL_INFO),
  routerSettings: section('routerSettings', 'router_settings', ROUTER_SETTINGS),
  retryPolicy: section('retryPolicy', 'router_settings.retry_policy', RETRY_POLICY),
  allowedFailsPolicy: section('allowedFailsPolicy', 'router_settings.allowed_fails_policy', ALLOWED_FAILS_POLICY),
  litellmSettings: section('litellmSettings', 'litellm_settings', LITELLM_SETTINGS),
  generalSettings: section('generalSettings', 'general_settings', GENERAL_SETTINGS),
  credentialEntry: section('credentialEntry', 'credential_list[]', CREDENTIAL_ENTRY),
  declaredTag: section('declaredTag', 'tags[]', DECLARED_TAG),
} as const satisfies Record<string, Section>;
