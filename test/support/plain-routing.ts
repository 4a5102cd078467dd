/**
 * Tag routing a second time, written from the text of docs/reference/tag-routing.md alone and section by section like it.
 * Slow and plain on purpose: lists and filters, nothing compiled, nothing remembered. The tests hold the real one to it.
 */
import { RE2JS } from 're2js';
import type { CaseAnswer, CaseDeployment, CaseScope, TagCase } from './tag-case.ts';

type Marker = 'plain' | '&' | '!';

/** A tag taken apart. `name` is what is left without prefix and marker. */
interface PlainTag {
  readonly name: string;
  readonly marker: Marker;
  readonly prefixed: boolean;
}

const SCOPES: readonly CaseScope[] = ['key', 'team', 'project'];

/** Decides one case. Throws when the case itself makes no sense (an unknown deployment id). */
export function plainDecide(given: TagCase): CaseAnswer {
  if (given.deployments.some(hasBadRegex)) return { config_error: 'tag_regex' };
  const sent = readTags(given);
  if (sent === 'invalid') return { status: 400, code: 'invalid_tags' };
  const permitted = withPermission(given, sent);
  if (permitted === 'refused') return { status: 403, code: 'tag_not_permitted' };
  return new PlainCall(given, permitted).answer();
}

/** The call's pool (section 4, step 4), or what is open where tags do not filter. Empty where the call is refused before that. */
export function plainPool(given: TagCase): string[] {
  const sent = readTags(given);
  const permitted = sent === 'invalid' ? 'refused' : withPermission(given, sent);
  return permitted === 'refused' ? [] : ids(new PlainCall(given, permitted).pool);
}

// Section 1: where tags come from, and their shape.

function readTags(given: TagCase): PlainTag[] | 'invalid' {
  const { request } = given;
  const entries: unknown[] = [];
  for (const part of (request.header ?? '').split(',')) {
    if (trimmed(part) !== '') entries.push(part);
  }
  for (const field of [request.tags, request.metadata_tags, request.litellm_metadata_tags]) {
    if (field === undefined || field === null) continue;
    if (Array.isArray(field)) entries.push(...field);
    else entries.push(field);
  }
  if (entries.length > 64) return 'invalid';
  const texts: string[] = [];
  for (const entry of entries) {
    if (typeof entry !== 'string') return 'invalid';
    const text = trimmed(entry);
    if (text === '' || text === prefixOf(given)) return 'invalid';
    if (Buffer.byteLength(text, 'utf8') > 256) return 'invalid';
    if (hasControlCharacter(text)) return 'invalid';
    if (!texts.includes(text)) texts.push(text);
  }
  return texts.map((text) => takeApart(given, text)).filter((tag) => !isLoneMarker(tag));
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= 0x1f || code === 0x7f) return true;
  }
  return false;
}

function trimmed(text: string): string {
  const white = ['\u0009', '\u000A', '\u000B', '\u000C', '\u000D', '\u0020'];
  let from = 0;
  let to = text.length;
  while (from < to && white.includes(text.charAt(from))) from += 1;
  while (to > from && white.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

// Section 1: prefix first, then one marker.

function prefixOf(given: TagCase): string {
  return given.router.tag_routing_prefix ?? '';
}

function takeApart(given: TagCase, text: string): PlainTag {
  const prefix = prefixOf(given);
  const prefixed = prefix !== '' && text.startsWith(prefix);
  const rest = prefixed ? text.slice(prefix.length) : text;
  if (rest.startsWith('!')) return { name: rest.slice(1), marker: '!', prefixed };
  if (rest.startsWith('&')) return { name: rest.slice(1), marker: '&', prefixed };
  return { name: rest, marker: 'plain', prefixed };
}

function isLoneMarker(tag: PlainTag): boolean {
  return tag.marker !== 'plain' && tag.name === '';
}

function policyTags(given: TagCase, scope: CaseScope): PlainTag[] {
  const texts = given.request.policy_tags?.[scope] ?? [];
  return texts.map((text) => takeApart(given, text)).filter((tag) => !isLoneMarker(tag));
}

function allPolicyTags(given: TagCase): PlainTag[] {
  return SCOPES.flatMap((scope) => policyTags(given, scope));
}

// Section 1: the deployment side.

/** `*` stands for any text, none included. */
export function globMatches(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    const rest = pattern.slice(1);
    for (let skipped = 0; skipped <= text.length; skipped += 1) {
      if (globMatches(rest, text.slice(skipped))) return true;
    }
    return false;
  }
  return text !== '' && pattern.charAt(0) === text.charAt(0) && globMatches(pattern.slice(1), text.slice(1));
}

function tagsOf(deployment: CaseDeployment): readonly string[] {
  return deployment.tags ?? [];
}

function carries(deployment: CaseDeployment, name: string): boolean {
  return tagsOf(deployment).some((tag) => {
    if (!tag.includes('*')) return tag === name;
    return name !== 'default' && globMatches(tag, name);
  });
}

function isDefault(deployment: CaseDeployment): boolean {
  return tagsOf(deployment).includes('default');
}

function regexHits(deployment: CaseDeployment, userAgent: string): boolean {
  if (userAgent === '') return false;
  return (deployment.tag_regex ?? []).some((pattern) =>
    RE2JS.compile(pattern).matcher(`User-Agent: ${userAgent}`).find(),
  );
}

function hasBadRegex(deployment: CaseDeployment): boolean {
  return (deployment.tag_regex ?? []).some((pattern) => {
    try {
      RE2JS.compile(pattern);
      return false;
    } catch {
      return true;
    }
  });
}

// Section 1, declarations, and section 2, permission.

function declaredAs(given: TagCase, name: string, flag: 'accounting' | 'restricted'): boolean {
  return Object.entries(given.tags_declared ?? {}).some(([pattern, declaration]) => {
    if (!globMatches(pattern, name)) return false;
    return flag === 'accounting' ? declaration.routing === false : declaration.restricted === true;
  });
}

function isMaster(given: TagCase): boolean {
  return given.request.virtual_key !== true && given.request.allowed_tags === undefined;
}

function isGranted(given: TagCase, name: string): boolean {
  return (given.request.allowed_tags ?? []).some((pattern) => globMatches(pattern, name));
}

function isPermitted(given: TagCase, tag: PlainTag): boolean {
  if (isMaster(given)) return true;
  if (tag.marker === '!') return true;
  const own = allPolicyTags(given).filter((policy) => policy.marker !== '!');
  if (own.some((policy) => policy.name === tag.name)) return true;
  if (isGranted(given, tag.name)) return true;
  return given.request.allowed_tags === undefined && !declaredAs(given, tag.name, 'restricted');
}

function withPermission(given: TagCase, tags: PlainTag[]): PlainTag[] | 'refused' {
  const permitted = tags.filter((tag) => isPermitted(given, tag));
  const all = permitted.length === tags.length;
  return all || given.request.on_unpermitted_tag === 'ignore' ? permitted : 'refused';
}

/** Sections 3 to 5 for one call; each getter is one notion of the text. */
class PlainCall {
  readonly #given: TagCase;
  readonly #group: readonly CaseDeployment[];
  /** The caller's tags that steer, shape and permission settled, accounting-only ones gone. */
  readonly #caller: readonly PlainTag[];

  constructor(given: TagCase, permitted: readonly PlainTag[]) {
    this.#given = given;
    this.#group = given.deployments;
    this.#caller = permitted.filter((tag) => {
      if (declaredAs(given, tag.name, 'accounting')) return false;
      return prefixOf(given) === '' || tag.prefixed;
    });
  }

  answer(): CaseAnswer {
    const named = this.#given.request.deployment_id;
    if (named !== undefined) return this.#answerById(named);
    if (this.pool.length === 0) return FENCED_OUT;
    const eligible = this.#eligible;
    if (eligible.length > 0) return this.#byHealth(eligible);
    return this.#refusal();
  }

  // Section 3: whether tags filter at all.

  get #filters(): boolean {
    if (this.#given.request.enable_tag_filtering === true) return true;
    const flags = this.#group.map((deployment) => deployment.enable_tag_filtering);
    const first = flags.find((flag) => flag !== undefined);
    return (first ?? this.#given.router.enable_tag_filtering) === true;
  }

  get #groupHasTags(): boolean {
    return this.#group.some(
      (deployment) =>
        tagsOf(deployment).length > 0 || (deployment.tag_regex ?? []).length > 0 || deployment.private === true,
    );
  }

  #known(name: string): boolean {
    return this.#group.some((deployment) => carries(deployment, name));
  }

  get #matchAny(): boolean {
    return this.#given.router.tag_filtering_match_any !== false;
  }

  get #union(): boolean {
    return this.#given.router.tag_authority === 'union';
  }

  /** Any of the names, or all of them under match-all. No names match nothing. */
  #matches(deployment: CaseDeployment, names: readonly string[]): boolean {
    if (names.length === 0) return false;
    return this.#matchAny
      ? names.some((name) => carries(deployment, name))
      : names.every((name) => carries(deployment, name));
  }

  /** Policy tags that are not accounting only. */
  #policy(marker: Marker, scopes: readonly CaseScope[] = SCOPES): string[] {
    return scopes
      .flatMap((scope) => policyTags(this.#given, scope))
      .filter((tag) => tag.marker === marker && !declaredAs(this.#given, tag.name, 'accounting'))
      .map((tag) => tag.name);
  }

  #callerNames(marker: Marker): string[] {
    return this.#caller.filter((tag) => tag.marker === marker).map((tag) => tag.name);
  }

  // Section 4, steps 1 to 4: the pool.

  /** Where tags do not filter: every deployment that is not private. */
  get pool(): CaseDeployment[] {
    if (!this.#filters) return this.#group.filter((deployment) => deployment.private !== true);
    return this.#fenced(this.#constrainedByPolicy).filter(
      (deployment) => deployment.private !== true || this.#opensPrivate(deployment),
    );
  }

  get #constrainedByPolicy(): CaseDeployment[] {
    const excluded = this.#policy('!');
    const required = this.#policy('&');
    return this.#group.filter(
      (deployment) =>
        !excluded.some((name) => carries(deployment, name)) && required.every((name) => carries(deployment, name)),
    );
  }

  #fenced(left: CaseDeployment[]): CaseDeployment[] {
    // Section 3: plain policy tags do not filter a group without tags.
    if (!this.#fenceInForce || !this.#groupHasTags) return left;
    const scopes = SCOPES.map((scope) => this.#policy('plain', [scope])).filter((names) => names.length > 0);
    const counting = scopes.filter((names) => names.some((name) => this.#known(name)));
    if (counting.length === 0) return left.filter(isDefault);
    return left.filter((deployment) => counting.every((names) => this.#matches(deployment, names)));
  }

  get #fenceInForce(): boolean {
    return !this.#union && this.#policy('plain').length > 0;
  }

  #policyReaches(deployment: CaseDeployment): boolean {
    return [...this.#policy('plain'), ...this.#policy('&')].some((name) => carries(deployment, name));
  }

  #opensPrivate(deployment: CaseDeployment): boolean {
    if (this.#policyReaches(deployment)) return true;
    return this.#caller.some(
      (tag) =>
        tag.marker !== '!' &&
        (isMaster(this.#given) || isGranted(this.#given, tag.name)) &&
        carries(deployment, tag.name),
    );
  }

  // Section 4, step 5: the caller's wishes.

  #meetsCallerConstraints(deployment: CaseDeployment, required: readonly string[]): boolean {
    return (
      !this.#callerNames('!').some((name) => carries(deployment, name)) &&
      required.every((name) => carries(deployment, name))
    );
  }

  get #policyInForce(): boolean {
    return this.#fenceInForce || this.#policy('!').length > 0 || this.#policy('&').length > 0;
  }

  /** The plain tags that take part in 5 to 7: the caller's, and under `union` the policy's too. */
  get #plain(): PlainTag[] {
    const joined: PlainTag[] = this.#union
      ? this.#policy('plain').map((name) => ({ name, marker: 'plain', prefixed: false }))
      : [];
    return [...this.#caller.filter((tag) => tag.marker === 'plain'), ...joined].filter((tag) => {
      if (tag.prefixed) return true;
      if (!this.#groupHasTags) return false;
      return !this.#policyInForce || this.#known(tag.name);
    });
  }

  get #eligible(): CaseDeployment[] {
    if (!this.#filters) return this.pool;
    const left = this.pool.filter((deployment) => this.#meetsCallerConstraints(deployment, this.#callerNames('&')));
    const plain = this.#plain;
    const names = plain.map((tag) => tag.name);
    const userAgent = this.#given.request.user_agent ?? '';
    const anyRequired = this.#callerNames('&').length > 0 || this.#policy('&').length > 0;
    const anyRegex = left.some((deployment) => (deployment.tag_regex ?? []).length > 0);
    if (plain.length === 0 && (userAgent === '' || !anyRegex || anyRequired)) return this.#withoutPlain(left);
    const found = left.filter((deployment) => {
      if (this.#matches(deployment, names)) return true;
      if (!this.#matchAny && tagsOf(deployment).length > 0) return false;
      return regexHits(deployment, userAgent);
    });
    if (found.length > 0) return found;
    if (plain.length === 0) return this.#withoutPlain(left);
    if (plain.some((tag) => tag.prefixed || this.#known(tag.name))) return [];
    return left.filter(isDefault);
  }

  // Section 4, step 6: no plain caller tags.

  #withoutPlain(left: CaseDeployment[]): CaseDeployment[] {
    const anyRequired = this.#callerNames('&').length > 0 || this.#policy('&').length > 0;
    if (this.#fenceInForce || anyRequired) return left;
    // Section 5: naming a deployment is a choice, so it is not narrowed to default.
    if (this.#given.request.deployment_id !== undefined) return left;
    const defaults = this.#group.filter((deployment) => isDefault(deployment) && deployment.private !== true);
    return defaults.length > 0 ? left.filter((deployment) => defaults.includes(deployment)) : left;
  }

  // Section 4, step 7: refused.

  #refusal(): CaseAnswer {
    const names = this.#plain.map((tag) => tag.name);
    const required = this.#callerNames('&');
    const pool = this.pool;
    const outside = this.#group.filter((deployment) => !pool.includes(deployment));
    const satisfied = outside.some(
      (deployment) =>
        this.#meetsCallerConstraints(deployment, required) && (names.length === 0 || this.#matches(deployment, names)),
    );
    if (names.length + required.length > 0 && satisfied) return { status: 403, code: 'tag_not_permitted' };
    return this.#failOpen([]) ?? { status: 400, code: 'no_deployment_for_tags' };
  }

  // Section 4, step 8: fail-open. Undefined: it does not apply.

  #failOpen(eligible: readonly CaseDeployment[]): CaseAnswer | undefined {
    if (!this.#group.some((deployment) => deployment.allow_fail_open === true)) return undefined;
    if (this.#hidesBehindInventedTags) return undefined;
    const candidates = this.pool.filter((deployment) => deployment.private !== true || this.#policyReaches(deployment));
    if (candidates.length === 0) return undefined;
    const defaults = candidates.filter(isDefault);
    const opened = defaults.length > 0 ? defaults : candidates;
    const shown = ids(eligible.length > 0 ? eligible : opened);
    const available = opened.filter((deployment) => deployment.cooled_down !== true);
    if (available.length === 0) return { ...UNAVAILABLE, eligible: shown };
    return { eligible: shown, available: ids(available), failed_open: true };
  }

  get #hidesBehindInventedTags(): boolean {
    const required = this.#caller.filter((tag) => tag.marker === '&');
    const known = required.filter((tag) => tag.prefixed || this.#known(tag.name));
    if (known.length === 0 || known.length === required.length) return false;
    const names = known.map((tag) => tag.name);
    return this.pool.some((deployment) => this.#meetsCallerConstraints(deployment, names));
  }

  // Section 5: health comes second.

  #byHealth(eligible: readonly CaseDeployment[]): CaseAnswer {
    const available = eligible.filter((deployment) => deployment.cooled_down !== true);
    if (available.length > 0) return { eligible: ids(eligible), available: ids(available) };
    const opened = this.#filters ? this.#failOpen(eligible) : undefined;
    return opened ?? { ...UNAVAILABLE, eligible: ids(eligible) };
  }

  #answerById(id: string): CaseAnswer {
    const named = this.#group.find((deployment) => deployment.id === id);
    if (named === undefined) throw new Error(`The case has no deployment ${id}.`);
    if (!this.pool.includes(named)) return FENCED_OUT;
    if (!this.#eligible.includes(named)) return { status: 400, code: 'no_deployment_for_tags' };
    if (named.cooled_down === true) return { ...UNAVAILABLE, eligible: [id] };
    return { eligible: [id], available: [id] };
  }
}

const FENCED_OUT: CaseAnswer = { status: 403, code: 'fenced_out' };
const UNAVAILABLE: CaseAnswer = { status: 503, code: 'deployments_unavailable' };

function ids(deployments: readonly CaseDeployment[]): string[] {
  return deployments.map((deployment) => deployment.id);
}
