import { stringify } from 'yaml';
import type { CaseDeployment, TagCase } from '../../support/tag-case.ts';
import type { CaseSet } from './sets.ts';

/** The group that stands for a row. */
export function groupOf(row: TagCase): string {
  return `row-${row.n}`;
}

/** Ids are one namespace in a config, and rows reuse them. */
export function idOf(row: TagCase, id: string): string {
  return `row-${row.n}-${id}`;
}

/** A LiteLLM config with one group a row. Every deployment has an upstream path of its own, which names it. */
export function configOf(set: CaseSet, upstream: string): string {
  const config = {
    model_list: set.rows.flatMap((row) => row.deployments.map((deployment) => entryOf(row, deployment, upstream))),
    router_settings: { ...set.router, num_retries: 0, disable_cooldowns: true },
    general_settings: { master_key: 'os.environ/LITELLM_MASTER_KEY' },
    ...(set.declared === undefined ? {} : { tags: set.declared }),
  };
  return stringify(config, { version: '1.1', aliasDuplicateObjects: false });
}

function entryOf(row: TagCase, deployment: CaseDeployment, upstream: string): object {
  const id = idOf(row, deployment.id);
  const { tags, tag_regex, private: hidden, allow_fail_open, enable_tag_filtering } = deployment;
  return {
    model_name: groupOf(row),
    litellm_params: {
      model: 'openai/conformance',
      api_base: `${upstream}/${id}/v1`,
      api_key: 'upstream-needs-none',
      ...given({ tags, tag_regex }),
    },
    model_info: { id, ...given({ private: hidden, allow_fail_open, enable_tag_filtering }) },
  };
}

function given(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
