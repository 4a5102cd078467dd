import { randomUUID } from 'node:crypto';

import type { StreamedBody } from '../../providers/contract.ts';
import type { Call } from '../call.ts';
import type { Deployment } from '../deployment.ts';
import { baseOf, staysHere } from './field-rules.ts';
import type { FormBody } from './form-body.ts';
import { addLateTags } from './form-tags.ts';

/** A form as it goes to a deployment. */
export interface OutgoingForm {
  readonly contentType: string;
  readonly body: Uint8Array | StreamedBody;
}

/**
 * The form with the upstream's model, without our own fields and those that the config leaves out, and with the deployment's
 * default parameters where it lacks them. A caller's own lists are not read: they may come behind what they are about.
 * Where the path names the model (Azure), `model` is changed and never added.
 */
export function outgoingForm(call: Call, form: FormBody, deployment: Deployment): OutgoingForm {
  const plan = deployment.plans.get(call.endpoint.operation);
  const dropped = new Set(plan?.fates.filter(([, fate]) => fate.kind === 'drop').map(([name]) => name));
  const boundary = `waymark-${randomUUID()}`;
  const edits = {
    model: call.upstreamModel,
    addModel: deployment.target?.modelInBody === true,
    drops: (name: string) => staysHere(name) || dropped.has(baseOf(name)),
    defaults: (plan?.defaults ?? deployment.parameters.defaults).flatMap(([name, json]) => formDefault(name, json)),
  };
  const body = form.rewritten(boundary, edits, (field) => addLateTags(call, form.fields, field));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/** Only what is one text in a form: a list or an object has no one spelling there. */
function formDefault(name: string, json: string): readonly (readonly [string, string])[] {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'string') return [[name, value]];
  return typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [];
}
