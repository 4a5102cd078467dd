/** A form that cannot be used. `reason` is one short English clause. */
export class FormProblem extends Error {
  readonly reason: string;
  /** The field or header at fault. */
  readonly field: string | undefined;

  constructor(reason: string, field?: string) {
    super(reason);
    this.name = 'FormProblem';
    this.reason = reason;
    this.field = field;
  }
}
