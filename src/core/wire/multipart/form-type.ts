import { FormProblem } from './form-problem.ts';
import { readParameters } from './parameters.ts';

/** Longest boundary (RFC 2046, 5.1.1). Characters. */
const LONGEST_BOUNDARY = 70;
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/;
const FORM = /^[ \t]*multipart\/form-data[ \t]*(?=;|$)/i;

/**
 * The boundary that a `content-type` names; undefined where it is no form. Throws a FormProblem where it is one whose boundary
 * is missing, there twice, or none (RFC 2046, 5.1.1: 1 to 70 characters of a few kinds, no space at the end).
 */
export function readFormBoundary(contentType: string): string | undefined {
  const form = FORM.exec(contentType);
  if (form === null) return undefined;
  const parameters = readParameters(contentType.slice(form[0].length));
  const boundaries = (parameters ?? []).filter(([name]) => name === 'boundary').map(([, value]) => value);
  const [boundary] = boundaries;
  if (parameters === undefined || boundary === undefined || boundaries.length > 1)
    throw new FormProblem('the content type does not name one boundary', 'content-type');
  if (boundary.length > LONGEST_BOUNDARY || !BOUNDARY.test(boundary))
    throw new FormProblem('its boundary is not 1 to 70 characters of those that boundaries have', 'content-type');
  return boundary;
}
