import { runScript } from '../workshop/run-command.ts';

/** docs/reference/cli.md: the program's own help, command by command. */
export async function renderCli(): Promise<string> {
  const overview = await helpOf([]);
  const commands = commandNames(overview);
  if (commands.length === 0) throw new Error(`No command found in the help of the program:\n${overview}`);
  const sections = await Promise.all(commands.map(async (name) => await sectionsOf([name])));
  return [HEAD, fenced(overview), ...sections.flat()].join('\n\n') + '\n';
}

/** The section of a command, and those of the commands below it. */
async function sectionsOf(command: readonly string[]): Promise<readonly string[]> {
  const help = await helpOf(command);
  const own = `${'#'.repeat(command.length + 1)} waymark ${command.join(' ')}\n\n${fenced(help)}`;
  const below = await Promise.all(commandNames(help).map(async (name) => await sectionsOf([...command, name])));
  return [own, ...below.flat()];
}

async function helpOf(command: readonly string[]): Promise<string> {
  const { code, output } = await runScript('src/main.ts', [...command, '--help']);
  if (code !== 0) throw new Error(`waymark ${command.join(' ')} --help ended with status ${code}:\n${output}`);
  return output.trim();
}

/** The names in the list of commands: the only lines there that are indented by two and begin with a word. */
function commandNames(help: string): readonly string[] {
  const list = /^Commands:\n((?: .*\n?)+)/m.exec(help)?.[1] ?? '';
  return list
    .split('\n')
    .flatMap((line) => /^ {2}([a-z][a-z-]*)/.exec(line)?.[1] ?? [])
    .filter((name) => name !== 'help');
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.replaceAll(/[ \t]+$/gm, '')}\n\`\`\``;
}

const HEAD = `# Command line

Made from the program's help by \`npm run docs\`.

The program is called \`waymark\`; \`litellm\` is another name for it. In a checkout: \`npx waymark\`, \`npx litellm\`.`;
