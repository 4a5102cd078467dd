import { readFileSync } from 'node:fs';
import { inRoot } from '../workshop/root.ts';
import type { Step } from '../workshop/steps.ts';
import { projectFiles } from '../workshop/tracked-files.ts';
import { floorFindings } from './floors/findings.ts';

/**
 * Holds every file of src/ to its floor. The lint rules say the same in the editor; this step resolves each path, so that
 * `./../`, dynamic imports, a new adapter or a new folder cannot slip past a pattern.
 */
export const floors: Step = {
  name: 'floors',
  async run() {
    const files = projectFiles().filter((file) => /^src\/.*\.tsx?$/.test(file) && !file.endsWith('.test.ts'));
    const found = files.flatMap((file) => floorFindings(file, readFileSync(inRoot(file), 'utf8')));
    return { ok: found.length === 0, output: found.join('\n'), note: `${files.length} files` };
  },
};
