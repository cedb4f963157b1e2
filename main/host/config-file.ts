import { readFile } from 'node:fs/promises';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { ConfigProblem } from '../../core/contracts/system.ts';
import { reasonOf } from '../../core/base/result.ts';

/** One YAML file with the positions of its keys, so that a problem can name its line. */
export interface ConfigFile {
  readonly path: string;
  readonly value: Record<string, unknown>;
  /** Line of the deepest part of `keys` that the file holds; undefined where it holds none of it. */
  lineOf(keys: readonly PropertyKey[]): number | undefined;
  /** True when the file holds exactly this key path. */
  has(keys: readonly PropertyKey[]): boolean;
}

/** Reads and parses; `undefined` when an optional file is not there. Never throws. */
export async function readConfigFile(path: string, optional: boolean): Promise<ConfigFile | ConfigProblem[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (optional && (thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return [{ file: path, key: '(file)', expected: 'a readable file', actual: reasonOf(thrown) }];
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    return document.errors.map((error) => ({
      file: path,
      line: lines.linePos(error.pos[0]).line,
      key: '(syntax)',
      expected: 'valid YAML',
      actual: error.message,
    }));
  }
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (thrown) {
    // Aliases are followed only now: one without its anchor, or so many that they would fill the memory.
    return [{ file: path, key: '(syntax)', expected: 'valid YAML', actual: reasonOf(thrown) }];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ file: path, line: 1, key: '(file)', expected: 'keys and values', actual: JSON.stringify(value) }];
  }
  return {
    path,
    value: value as Record<string, unknown>,
    lineOf: (keys) => lineOf(document, lines, keys),
    has: (keys) => keys.length > 0 && document.hasIn(keys),
  };
}

function lineOf(document: Document, lines: LineCounter, keys: readonly PropertyKey[]): number | undefined {
  for (let length = keys.length; length > 0; length--) {
    const path = keys.slice(0, length);
    if (!document.hasIn(path)) continue;
    const key = keyNode(document, path);
    const offset = key?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

/** The node of the key itself, not of its value: that is the line a person looks for. */
function keyNode(document: Document, path: readonly PropertyKey[]) {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  const items = (parent as { items?: unknown[] } | undefined)?.items ?? [];
  for (const item of items) {
    const pair = item as { key?: unknown };
    if (isNode(pair.key) && String(pair.key) === String(last)) return pair.key;
  }
  const value = document.getIn(path, true);
  return isNode(value) ? value : undefined;
}
