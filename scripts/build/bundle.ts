import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { inRoot } from '../workshop/root.ts';

/**
 * Loads `node:http` as CommonJS does. An ESM import of it reads every export once, and that of WebSocket loads Node's own copy of
 * undici: some 35 ms of CPU at each start, for nothing.
 */
const plainHttp: Plugin = {
  name: 'plain-node-http',
  resolveId: (name) => (name === 'node:http' ? '\0node-http' : null),
  load: (name) => (name === '\0node-http' ? "module.exports = process.getBuiltinModule('node:http');" : null),
};

/** Bundles the program into `folder`: `main.mjs`, `sqlite-worker.mjs`, lazily loaded chunks, source maps beside them. Returns the files that went in. */
export async function bundleProgram(folder: string): Promise<readonly string[]> {
  const build = await rolldown({
    // The worker is started by its file, so it cannot be a chunk with a hash in its name.
    input: {
      main: inRoot('src', 'main.ts'),
      'sqlite-worker': inRoot('src', 'adapters', 'sqlite', 'sqlite-worker.ts'),
    },
    platform: 'node',
    tsconfig: inRoot('tsconfig.json'),
    plugins: [plainHttp],
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
