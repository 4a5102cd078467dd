/** What a client may learn of one kind of error, in each dialect. */
export interface ErrorKind {
  readonly status: number;
  /** `error.type` in the OpenAI dialect, as LiteLLM spells it. */
  readonly type: string;
  /** `error.type` in the Anthropic dialect. */
  readonly anthropicType: string;
  /** True when the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** What it means, for docs/reference/errors.md. */
  readonly meaning: string;
  /** What the caller, or whoever runs the gateway, can do. */
  readonly remedy: string;
}

type Row = readonly [status: number, type: string, anthropicType: string, meaning: string, remedy: string];

const INVALID = 'invalid_request_error';
const SERVER = 'internal_server_error';
const RETRYABLE = new Set([408, 429, 502, 503, 504]);

const ROWS = {
  invalid_json: [400, INVALID, INVALID, 'The body is not valid JSON.', 'Send one JSON object in UTF-8.'],
  invalid_body: [400, INVALID, INVALID, 'The body is JSON, but not an object.', 'Send one JSON object.'],
  missing_field: [
    400,
    INVALID,
    INVALID,
    'A field that the endpoint needs is missing.',
    'Add the field that `param` names.',
  ],
  invalid_field: [
    400,
    INVALID,
    INVALID,
    'A field has the wrong type or value.',
    'Correct the field that `param` names.',
  ],
  unsupported_parameter: [
    400,
    INVALID,
    INVALID,
    "The provider of the call's deployment does not support a parameter (docs/reference/providers.md).",
    'Leave it out, or send `drop_params: true`, or set `drop_params` in the config.',
  ],
  duplicate_field: [
    400,
    INVALID,
    INVALID,
    'A field that steers the gateway stands twice in the body.',
    'Send it once.',
  ],
  forbidden_field: [
    400,
    INVALID,
    INVALID,
    'The body brings a field that callers may not set (`api_base`, `base_url`, `api_key`, `user_config`).',
    'Remove it; deployments are configured in the gateway.',
  ],
  invalid_form: [
    400,
    INVALID,
    INVALID,
    'The multipart form is malformed, or a field that steers the gateway comes behind a large file.',
    'Send a form as RFC 7578 has it, with `model`, `tags` and `metadata` before the file.',
  ],
  nesting_too_deep: [400, INVALID, INVALID, 'The body is nested more than 256 levels deep.', 'Flatten it.'],
  invalid_tags: [
    400,
    INVALID,
    INVALID,
    'A tag has the wrong shape, or callers may send none (`reject_clientside_metadata_tags`).',
    'Send a list of non-empty texts, at most 64 in all, each at most 256 bytes and without control characters.',
  ],
  no_deployment_for_tags: [
    400,
    INVALID,
    INVALID,
    'No deployment of the group matches the tags, and there is no default.',
    'Use a tag that the group knows (`details.nearest`), or tag a deployment `default`.',
  ],
  tag_not_permitted: [
    403,
    'auth_error',
    'permission_error',
    'The key may not use that tag, or what matches it lies outside what the key may reach.',
    'Leave the tag out, or ask an administrator for it.',
  ],
  fenced_out: [
    403,
    'auth_error',
    'permission_error',
    'The policy tags of the key, team or project leave no deployment in this group.',
    'Use another group, or ask an administrator.',
  ],
  model_not_found: [
    404,
    INVALID,
    'not_found_error',
    'No group of that name is within reach.',
    'Use a name from `GET /v1/models` (`details.nearest`).',
  ],
  response_not_found: [
    404,
    INVALID,
    'not_found_error',
    'No response of that id is within reach: it was made elsewhere, by somebody else, or by a deployment out of reach.',
    'Use the id of an answer that this gateway gave to a key of the same team, user or key.',
  ],
  deployments_unavailable: [
    503,
    SERVER,
    'overloaded_error',
    'Deployments match, but none can serve now.',
    'Try again after `Retry-After` seconds.',
  ],
  missing_api_key: [
    401,
    'auth_error',
    'authentication_error',
    'The request brings no key.',
    'Send `Authorization: Bearer <key>`.',
  ],
  invalid_api_key: [
    401,
    'token_not_found_in_db',
    'authentication_error',
    'The key is not known here.',
    'Send a key of this gateway.',
  ],
  malformed_api_key: [
    401,
    'auth_error',
    'authentication_error',
    'What was sent as a key is none of this gateway: its keys start with `sk-`.',
    'Send a key of this gateway.',
  ],
  key_expired: [
    401,
    'expired_key',
    'authentication_error',
    'The key has expired.',
    'Ask an administrator for a new key.',
  ],
  key_blocked: [
    401,
    'auth_error',
    'authentication_error',
    'The key, or its team, project or user, is blocked or gone.',
    'Ask an administrator.',
  ],
  route_not_permitted: [
    403,
    'auth_error',
    'permission_error',
    'The `allowed_routes` of the key leave this endpoint out.',
    'Use another endpoint, or ask an administrator.',
  ],
  model_not_permitted: [
    403,
    'key_model_access_denied',
    'permission_error',
    'The `models` of the key, its team, project or user leave this model out, whether it exists or not.',
    'Use a name from `GET /v1/models`, or ask an administrator.',
  ],
  admin_only: [
    403,
    'auth_error',
    'permission_error',
    'Only the master key or an administrator may do this.',
    'Use the master key.',
  ],
  not_permitted: [
    403,
    'auth_error',
    'permission_error',
    'The key may not do this in the management API.',
    'Ask with a key of an administrator, or of an admin of the team.',
  ],
  grant_exceeded: [
    403,
    'auth_error',
    'permission_error',
    'A key would be allowed more than the key that makes or changes it.',
    'Narrow the field that `param` names, or ask a proxy admin.',
  ],
  object_not_found: [
    404,
    INVALID,
    'not_found_error',
    'No key, team, project, user, tag or model of that id is there, or it is not yours to see.',
    'Check the id; the lists of the management API show what is within your sight.',
  ],
  already_exists: [
    400,
    INVALID,
    INVALID,
    'An id, alias or key that must be unique is taken.',
    'Choose another value for the field that `param` names.',
  ],
  changed_meanwhile: [
    409,
    INVALID,
    INVALID,
    'Somebody else changed the same thing at the same moment; nothing was changed by this request.',
    'Read it again and repeat the change.',
  ],
  salt_key_missing: [
    400,
    INVALID,
    INVALID,
    'Credentials of a stored model can only be kept sealed, and no salt key is set.',
    'Set `WAYMARK_SALT_KEY` (or `LITELLM_SALT_KEY`) for the gateway, or leave the credential to `os.environ/NAME`.',
  ],
  store_unavailable: [
    503,
    'no_db_connection',
    'overloaded_error',
    'The database of keys and teams does not answer.',
    'Try again; calls with keys that are known already go on meanwhile.',
  ],
  loopback_only: [
    403,
    'auth_error',
    'permission_error',
    'The gateway runs without a strong master key and answers only local programs.',
    'Call it as localhost without a foreign Origin, or set a master key of at least 16 characters.',
  ],
  body_too_large: [
    413,
    INVALID,
    'request_too_large',
    'The body is larger than the limit.',
    'Send less, or raise `general_settings.max_request_size_mb`.',
  ],
  spool_failed: [
    503,
    SERVER,
    'api_error',
    'A file that came before `model` could not be kept in the temporary folder.',
    'Send `model` before the file; an administrator makes room in the temporary folder (`TMPDIR`).',
  ],
  unsupported_media_type: [
    415,
    INVALID,
    INVALID,
    'The content type or encoding of the body is not supported here.',
    'Send `application/json`, or `multipart/form-data` where the endpoint takes a form; not compressed.',
  ],
  route_not_found: [
    404,
    INVALID,
    'not_found_error',
    'No endpoint has this path.',
    'See the list of endpoints in the documentation.',
  ],
  method_not_allowed: [
    405,
    INVALID,
    INVALID,
    'The endpoint exists, but not for this method.',
    'Use a method of the `Allow` header.',
  ],
  bad_request: [
    400,
    INVALID,
    INVALID,
    'The HTTP request is malformed.',
    'Send one Host header, an origin-form target and one way of framing the body.',
  ],
  headers_too_large: [
    431,
    INVALID,
    INVALID,
    'The request headers are too many or too large.',
    'Send at most 16 KB of headers.',
  ],
  request_timeout: [408, INVALID, INVALID, 'The request did not arrive in time.', 'Send it faster or in one piece.'],
  endpoint_not_supported: [
    400,
    INVALID,
    INVALID,
    'The deployment that the call was routed to does not have this endpoint.',
    'Use another group or endpoint.',
  ],
  upstream_unreachable: [
    502,
    SERVER,
    'api_error',
    'The upstream could not be reached.',
    'Try again; an administrator finds the cause in the log under the call id.',
  ],
  upstream_tls: [
    502,
    SERVER,
    'api_error',
    'The upstream has a certificate that is not trusted.',
    'An administrator sets `NODE_EXTRA_CA_CERTS` or mends the certificate.',
  ],
  upstream_timeout: [
    504,
    SERVER,
    'api_error',
    'The upstream did not answer in time.',
    'Try again, or raise `timeout` of the deployment.',
  ],
  upstream_malformed: [
    502,
    SERVER,
    'api_error',
    'The upstream sent an answer that cannot be used.',
    'Try again; an administrator finds the cause in the log under the call id.',
  ],
  upstream_failed: [502, SERVER, 'api_error', 'The upstream ended the answer before it was complete.', 'Try again.'],
  upstream_auth: [
    502,
    SERVER,
    'api_error',
    'The upstream refused the credential of the deployment.',
    'An administrator checks `api_key` of the deployment.',
  ],
  mock_error: [
    500,
    SERVER,
    'api_error',
    'The request asked for this error with `mock_response`.',
    'Leave `mock_response` out.',
  ],
  shutting_down: [
    503,
    SERVER,
    'overloaded_error',
    'The gateway is shutting down.',
    'Try again; another replica answers.',
  ],
  internal_error: [500, SERVER, 'api_error', 'The gateway failed.', 'Report the call id.'],
} as const satisfies Record<string, Row>;

/** `error.code` of everything the gateway itself refuses or fails. */
export type ErrorCode = keyof typeof ROWS;

/** All codes, in the order of the documentation. */
export const ERROR_CODES = Object.keys(ROWS) as readonly ErrorCode[];

/** What is known of `code`. */
export function errorKind(code: ErrorCode): ErrorKind {
  const [status, type, anthropicType, meaning, remedy] = ROWS[code];
  return { status, type, anthropicType, retryable: RETRYABLE.has(status), meaning, remedy };
}
