/**
 * LiteLLM spells its flags with underscores (`--detailed_debug`). Both spellings mean the same here: underscores in the
 * name of a long flag become hyphens; values, and everything after `--`, stay as they are.
 */
export function normaliseFlags(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => {
    if (!arg.startsWith('--') || (end >= 0 && index >= end)) return arg;
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    return name.replaceAll('_', '-') + arg.slice(name.length);
  });
}
