import { renderChecks } from './checks.ts';
import { renderCli } from './cli.ts';
import { renderConfig } from './config.ts';
import { renderEndpoints } from './endpoints.ts';
import { renderErrors } from './errors.ts';
import { renderHeaders } from './headers.ts';
import { renderManagement } from './management.ts';
import { renderProviders } from './providers.ts';

/** A page of docs/reference that is made from the code. */
export interface GeneratedPage {
  /** Path in the checkout. */
  readonly file: string;
  render(): Promise<string>;
}

export const PAGES: readonly GeneratedPage[] = [
  { file: 'docs/reference/errors.md', render: async () => renderErrors() },
  { file: 'docs/reference/checks.md', render: async () => renderChecks() },
  { file: 'docs/reference/config.md', render: async () => renderConfig() },
  { file: 'docs/reference/endpoints.md', render: async () => renderEndpoints() },
  { file: 'docs/reference/management.md', render: async () => renderManagement() },
  { file: 'docs/reference/headers.md', render: async () => renderHeaders() },
  { file: 'docs/reference/providers.md', render: async () => renderProviders() },
  { file: 'docs/reference/cli.md', render: renderCli },
];
