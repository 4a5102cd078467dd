import { EXIT } from '../io.ts';
import type { CommandAdder } from '../program.ts';

const MORE = `
Examples:
  waymark schema > waymark.schema.json
  Then, as the first line of config.yaml, for editors with a YAML language server:
  # yaml-language-server: $schema=./waymark.schema.json
  The installed package holds the same file as config.schema.json.

Exit status:
  0  printed
  2  the command line is wrong
`;

/** `waymark schema`. */
export const addSchema: CommandAdder = (program, { io }, finish) => {
  program
    .command('schema')
    .summary('print the JSON Schema of the config')
    .description('Prints the JSON Schema of the config, for editors and validators.')
    .addHelpText('after', MORE)
    .action(
      finish(async () => {
        const { configJsonSchema } = await import('../../../config/schema.ts');
        io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
        return EXIT.ok;
      }),
    );
};
