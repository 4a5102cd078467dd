import type { ProductIdentity } from '../../gateway/stamp.ts';

const ABOUT = `The management API of Waymark: paths, fields and answers as clients of LiteLLM know them.

Every field says what becomes of it (\`x-waymark\`): \`acted\`, it does what it says; \`unenforced\`, it is kept and not enforced yet;
\`stored\` and \`shown\`, it is kept and shown; \`ignored\`, it is dropped; \`refused\`, it is not taken. What is not acted on is named in
the \`warnings\` of an answer. Errors have the shape \`{"error": {"message", "type", "param", "code"}}\`.`;

/** What stands around the routes in the OpenAPI document. */
export function describeApi({ version }: ProductIdentity) {
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Waymark management API', description: ABOUT, version },
      components: { securitySchemes: { key: { type: 'http' as const, scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
  };
}
