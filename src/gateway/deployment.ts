import type { DeploymentConfig } from '../config/contract.ts';
import type { AttemptTimeouts, HeaderPairs, Operation } from '../providers/contract.ts';
import { OPERATION_NAMES } from '../providers/operations.ts';
import { fillUpstreamModel, type Target, type TargetResult } from '../providers/target.ts';
import { headerText } from './header-text.ts';
import { planParameters, type ParameterPlans, type ParameterSource } from './parameters.ts';
import { LONGEST_SECONDS } from './seconds.ts';

/** Seconds between two pieces of a stream. */
const STREAM_IDLE_SECONDS = 120;
/** Seconds for opening a connection. */
const CONNECT_SECONDS = 10;
/** Shorter credentials are placeholders (`none`, `fake-key`), and stand in ordinary texts. Characters. */
const SHORTEST_SECRET = 12;

/** Names that the walk over a body can look for. APIs have no others; one that a config invents is never added. */
const FIELD_NAME = /^[a-z0-9_-]+$/;

/** A deployment as calls see it: everything that does not depend on the call is worked out here, once. */
export interface Deployment {
  readonly id: string;
  readonly config: DeploymentConfig;
  /** Undefined: it cannot be built; `unbuildable` says why. A mock needs none. */
  readonly target: Target | undefined;
  readonly unbuildable: string | undefined;
  /** Headers of every request to it, credential included. */
  readonly requestHead: HeaderPairs;
  /** Names in `requestHead`: a caller's header of that name does not go. */
  readonly headerNames: ReadonlySet<string>;
  /** Its `x-litellm-model-*` headers on every answer, the model's name excepted. */
  readonly answerHead: HeaderPairs;
  /** What becomes of request parameters, default parameters included; `plans`: where that is more than to pass them on. */
  readonly parameters: ParameterSource;
  readonly plans: ParameterPlans;
  /** What must not come back from the upstream to a caller. */
  readonly secrets: readonly string[];
  readonly timeouts: AttemptTimeouts;
  readonly streamTimeouts: AttemptTimeouts;
  /** True where path and model are the same for every call. */
  readonly fixed: boolean;
  readonly fixedPaths: ReadonlyMap<Operation, string | undefined>;
}

/** `general`: what the config as a whole says; timeouts in seconds. */
export function prepareDeployment(
  config: DeploymentConfig,
  built: TargetResult,
  general: { readonly timeoutSeconds: number; readonly streamTimeoutSeconds: number; readonly dropParams: boolean },
): Deployment {
  const target = built.ok ? built.target : undefined;
  const why = config.unbuildable ?? (built.ok ? undefined : built.reason);
  const total = Math.min(config.timeoutSeconds ?? general.timeoutSeconds, LONGEST_SECONDS);
  const wanted = config.streamTimeoutSeconds ?? config.timeoutSeconds ?? general.streamTimeoutSeconds;
  const first = Math.min(wanted, LONGEST_SECONDS);
  const fixed = target !== undefined && !target.upstreamModel.includes('*');
  const parameters = parameterSource(config, target, general.dropParams);
  const requestHead = withStandardHeaders(target?.headers ?? []);
  return {
    id: config.id,
    config,
    target: why === undefined ? target : undefined,
    // A mock is answered here: it lacks nothing.
    unbuildable: config.mockResponse === undefined ? why : undefined,
    requestHead,
    headerNames: new Set(requestHead.filter((_, index) => index % 2 === 0)),
    answerHead: answerHeadOf(config, target),
    parameters,
    plans: planParameters(parameters),
    secrets: secretsOf(config, target),
    timeouts: wholeTimeouts(total),
    streamTimeouts: streamTimeouts(first, Math.max(total, first)),
    fixed,
    fixedPaths: new Map(
      OPERATION_NAMES.map((operation) => [
        operation,
        fixed ? target.pathFor(operation, target.upstreamModel) : undefined,
      ]),
    ),
  };
}

/** One limit for an answer that comes whole: providers send its head when it is ready. */
export function wholeTimeouts(seconds: number): AttemptTimeouts {
  return { connectSeconds: CONNECT_SECONDS, firstByteSeconds: seconds, idleSeconds: seconds, totalSeconds: seconds };
}

/** A stream: `firstSeconds` to its first byte, `totalSeconds` for the whole. */
export function streamTimeouts(firstSeconds: number, totalSeconds: number): AttemptTimeouts {
  return {
    connectSeconds: CONNECT_SECONDS,
    firstByteSeconds: firstSeconds,
    idleSeconds: STREAM_IDLE_SECONDS,
    totalSeconds,
  };
}

/** The model to send and the path to send it to, for one call. `path` is undefined where the endpoint is not offered. */
export function addressOf(
  deployment: Deployment,
  operation: Operation,
  captured: readonly string[] | undefined,
): { readonly upstreamModel: string; readonly path: string | undefined } {
  const { target } = deployment;
  if (target === undefined) return { upstreamModel: '', path: undefined };
  if (deployment.fixed) return { upstreamModel: target.upstreamModel, path: deployment.fixedPaths.get(operation) };
  const upstreamModel = fillUpstreamModel(target.upstreamModel, captured);
  return { upstreamModel, path: target.pathFor(operation, upstreamModel) };
}

function parameterSource(config: DeploymentConfig, target: Target | undefined, dropParams: boolean): ParameterSource {
  const own = config.parameters;
  return {
    provider: target?.provider ?? '',
    table: target?.parameters ?? {},
    settings: {
      dropParams: dropParams || own?.dropParams === true,
      dropped: own?.dropped ?? [],
      allowed: own?.allowed ?? [],
    },
    defaults: Array.from(config.defaultParams, ([name, value]) => [name, JSON.stringify(value)] as const).filter(
      ([name]) => FIELD_NAME.test(name),
    ),
  };
}

/** The deployment's own headers, and ours where it does not set them. An encoded answer could not be read on the way. */
function withStandardHeaders(own: HeaderPairs): string[] {
  const head = [...own];
  const names = new Set(own.filter((_, index) => index % 2 === 0));
  if (!names.has('content-type')) head.push('content-type', 'application/json');
  if (!names.has('accept-encoding')) head.push('accept-encoding', 'identity');
  return head;
}

function answerHeadOf(config: DeploymentConfig, target: Target | undefined): HeaderPairs {
  const head = ['x-litellm-model-id', headerText(config.id)];
  if (target !== undefined) head.push('x-litellm-model-api-base', headerText(target.shownApiBase, 2048));
  return head;
}

function secretsOf(config: DeploymentConfig, target: Target | undefined): string[] {
  const values = [config.apiKey ?? '', ...(target?.secrets ?? []), ...config.extraHeaders.values()];
  return [...new Set(values)].filter((value) => value.length >= SHORTEST_SECRET);
}
