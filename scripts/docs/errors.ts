import { ERROR_CODES, errorKind } from '../../src/core/errors/catalogue.ts';

/** docs/reference/errors.md: every code of the catalogue. */
export function renderErrors(): string {
  const rows = ERROR_CODES.map((code) => {
    const kind = errorKind(code);
    const cells = [
      `\`${code}\``,
      String(kind.status),
      `\`${kind.type}\``,
      kind.retryable ? 'yes' : 'no',
      kind.meaning,
      kind.remedy,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${HEAD}\n${rows.join('\n')}\n`;
}

const HEAD = `# Errors

Made from \`src/core/errors/catalogue.ts\` by \`npm run docs\`.

Everything that the gateway refuses, or fails at, is answered with the same shape:

\`\`\`json
{
  "error": {
    "message": "No deployment of gpt-4 matches the tag frre. Did you mean free?",
    "type": "invalid_request_error",
    "param": "tags",
    "code": "no_deployment_for_tags",
    "details": { "nearest": "free" }
  }
}
\`\`\`

\`message\` is for people and may change. \`code\` is for programs and does not. \`param\` names the field or header at fault, or
is \`null\`. \`details\` is there where a program can use more. Neither names tags, groups or deployments that the key cannot reach.
An upstream's own error is passed on with the upstream's status and body, not with a code of this table.

"Again" says whether the same request may succeed later without a change.

| code | status | type | again | what happened | what to do |
|---|---|---|---|---|---|`;
