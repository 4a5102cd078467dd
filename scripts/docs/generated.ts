import { renderErrors } from './errors.ts';

/** A page of docs/reference that is made from the code. */
export interface GeneratedPage {
  /** Path in the checkout. */
  readonly file: string;
  render(): Promise<string>;
}

export const PAGES: readonly GeneratedPage[] = [
  { file: 'docs/reference/errors.md', render: async () => renderErrors() },
];
