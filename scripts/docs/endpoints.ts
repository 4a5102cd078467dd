import { OPERATION_NAMES, OPERATIONS } from '../../src/providers/operations.ts';
import { makeRouter } from '../../src/surfaces/http/pages.ts';
import { FORMS_SECTION } from './forms-section.ts';

/** What each page is for. A path that the router serves and this table lacks is an error of the docs. */
const PAGES = new Map<string, string>([
  [
    '/',
    'A page with the version, the groups, addresses and three calls to copy. Plain text for curl, HTML for browsers. No key.',
  ],
  ['/health/liveliness', '`"I\'m alive!"` while the process answers. No key.'],
  ['/health/liveness', 'The same. No key.'],
  [
    '/health/readiness',
    'Whether calls can be served, and whether the config on disk does (`config.state`: `current` or `stale`). No key.',
  ],
  ['/v1/models', "The groups that the key may use, in the shape of OpenAI's list of models."],
  ['/models', 'The same.'],
  ['/v1/models/{id}', 'One group, or 404.'],
  ['/models/{id}', 'The same.'],
  ['/model/info', 'The deployments with what their config says of them, without secrets.'],
  ['/v1/model/info', 'The same.'],
  ['/model_group/info', 'The groups, with what their deployments have in common.'],
  [
    '/route/explain',
    'Where a call would go, and why. Nothing is sent. See [tag-routing.md](tag-routing.md#7-asking-why).',
  ],
  [
    '/config/problems',
    'What was found in the config as it was last read, and whether it serves. Master key only. See [config.md](config.md#changes-while-it-runs).',
  ],
  ['/routes', 'This list, as JSON. No key.'],
]);

const CALLS = new Map<string, string>([
  ['/chat/completions', 'A chat completion, OpenAI dialect; `"stream": true` for events.'],
  ['/completions', 'A text completion, OpenAI dialect; `"stream": true` for events.'],
  ['/embeddings', 'Embeddings, OpenAI dialect.'],
  ['/responses', 'OpenAI\'s Responses API; `"stream": true` for events.'],
  ['/moderations', 'Moderation of texts and images, OpenAI dialect.'],
  ['/images/generations', 'Images from a text, OpenAI dialect; `"stream": true` for events.'],
  ['/images/edits', 'Images from images, OpenAI dialect; a [form](#forms) or JSON; `stream` for events.'],
  ['/audio/transcriptions', 'Text from speech, OpenAI dialect; a [form](#forms); `stream` for events.'],
  ['/audio/translations', 'English text from speech, OpenAI dialect; a [form](#forms).'],
  ['/audio/speech', 'Speech from text, OpenAI dialect; sound comes back.'],
  ['/rerank', 'Documents by how well they answer a query, in the dialect of Cohere and Jina.'],
]);

/** What is asked of a stored response, by method and the path behind its id. */
const STORED = new Map<string, string>([
  [
    '/{response_id}',
    'A response that was made before, or (DELETE) an end to it; `?stream=true` tells its events again.',
  ],
  ['/{response_id}/cancel', 'Ends a response that is made in the background.'],
  ['/{response_id}/input_items', 'What came in.'],
]);

/** docs/reference/endpoints.md: every path that the router serves. */
export function renderEndpoints(): string {
  const standing = { state: 'current', version: '', readAt: 0, refusedFor: [] } as const;
  const routes = makeRouter({
    product: { version: '', litellmVersion: '' },
    random: () => 0,
    config: { standing, findings: async () => [] },
    admission: { open: true },
  }).list();
  const rows = routes.map(({ path, methods }) => `| ${methods.join(', ')} | \`${path}\` | ${describe(path)} |`);
  const unserved = [...PAGES.keys()].filter((path) => !routes.some((route) => route.path === path));
  if (unserved.length > 0)
    throw new Error(`scripts/docs/endpoints.ts describes what is not served: ${unserved.join(', ')}`);
  return `${HEAD}\n${rows.join('\n')}\n\n${TAIL}`;
}

function describe(path: string): string {
  const known = PAGES.get(path);
  if (known !== undefined) return known;
  for (const [suffix, text] of CALLS) {
    if (path === suffix || path === `/v1${suffix}` || path === `/v2${suffix}`) return text;
    if (path.includes('{model}') && path.endsWith(suffix))
      return `${text} The path names the group, and wins over the body.`;
  }
  for (const [suffix, text] of STORED) if (path.endsWith(`/responses${suffix}`)) return text;
  if (path.startsWith('/openai/') && path.endsWith('/responses'))
    return "The Responses API, as Azure's clients ask for it.";
  throw new Error(`${path} is served, but scripts/docs/endpoints.ts does not say what it is for.`);
}

/** The table of operations, as rows. */
function requirements(): string {
  return OPERATION_NAMES.map((name) => OPERATIONS[name])
    .filter(({ required }) => required.length > 0)
    .map(({ path, required }) => {
      const fields = required.map(({ field, list }) => `\`${field}\`${list === true ? ' (a list)' : ''}`);
      return `| \`${path}\` | ${fields.join(', ')} |`;
    })
    .join('\n');
}

const HEAD = `# Endpoints

Made from the router by \`npm run docs\`.

All need a key, except where it says so. A group's name in a path may hold slashes, encoded or not. An unknown path is 404
\`route_not_found\`, a wrong method 405 \`method_not_allowed\` with \`Allow\`.

| method | path | what it is for |
|---|---|---|`;

const TAIL = `Keys, teams, users, projects, tags and stored deployments are managed by the endpoints of [management.md](management.md).

## What a call may hold

The body goes upstream as it came, byte for byte, but for:

- \`model\`, which becomes the deployment's.
- Fields that steer the gateway: they are taken out (\`tags\`, \`litellm_metadata\`, \`fallbacks\`, \`num_retries\`, \`mock_response\` and others).
- \`metadata\`, which is forwarded only where the upstream's own API defines it and it fits.
- Default parameters of the deployment, added where the body has none of that name.

A body with \`api_base\`, \`base_url\`, \`api_key\` or \`user_config\` is refused with 400 \`forbidden_field\`.

## What is needed beside \`model\`

Which group answers is said by \`model\`, or by the path; no endpoint has a default. Of the Responses API too, where OpenAI lets a
stored \`prompt\` bring the model, and of moderations and images, where OpenAI has a model of its own choice.

| endpoint | fields |
|---|---|
${requirements()}

${FORMS_SECTION}
## Streams and bytes

Events of chat and completions end in \`[DONE]\`; those of the Responses API, images and speech end with the last event of their own
(\`response.completed\`, \`image_generation.completed\`, \`speech.audio.done\`, \`transcript.text.done\`). A stream that breaks off ends with an error event instead.
Speech comes as events with \`"stream_format": "sse"\`, else as bytes: piece by piece, with the upstream's content type and length. Bytes
that break off end the connection, so that nobody takes them for whole.

## Responses by their id

The id of a response says by itself which deployment made it, and for whom. It leads back there with every endpoint above, and as
\`previous_response_id\`, which holds a call to that deployment; tags then choose no other. Owner is the key's team, else its user, else the
key. The master key reaches all. Anybody else gets 404 \`response_not_found\`, as for an id that nobody made, and so does whoever may not
reach the deployment any more. Ids of an upstream are not taken: nobody here knows whose they are.

Ids are sealed with \`WAYMARK_SALT_KEY\` (or \`LITELLM_SALT_KEY\`), or with the master key where there is none: processes that have the same
know each other's ids, and after a change of it older ids are unknown. Without either they hold until the program ends.

## Where tags go

\`tags\`, \`metadata.tags\` and \`litellm_metadata.tags\` in the body, or the header \`x-litellm-tags\`: see [tag-routing.md](tag-routing.md).
`;
