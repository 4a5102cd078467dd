import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { inRoot } from '../workshop/root.ts';

/** Bundles the program into `folder`: `main.mjs`, lazily loaded chunks, source maps beside them. Returns the files that went in. */
export async function bundleProgram(folder: string): Promise<readonly string[]> {
  const build = await rolldown({
    input: { main: inRoot('src', 'main.ts') },
    platform: 'node',
    tsconfig: inRoot('tsconfig.json'),
    checks: { eval: false },
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  try {
    const { output } = await build.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: join('chunks', '[name]-[hash].mjs'),
      sourcemap: true,
      minify: false,
    });
    return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  } finally {
    await build.close();
  }
}
