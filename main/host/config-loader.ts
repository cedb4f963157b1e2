import { join } from 'node:path';
import type { z } from 'zod';
import { type Config, configSchema, type ModelsConfig, modelsConfigSchema } from '../../core/contracts/config.ts';
import type { ConfigProblem } from '../../core/contracts/system.ts';
import { err, ok, type Result } from '../../core/base/result.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';

export interface DeskConfig {
  readonly config: Config;
  readonly models: ModelsConfig;
}

interface Sources {
  readonly defaultsFolder: string;
  readonly userConfig: string;
  readonly userModels: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Variables that mean something else than a configuration key. */
const RESERVED_VARIABLES = new Set(['COBALT_DATA_DIR', 'COBALT_ELECTRON', 'COBALT_HEADLESS_TOKEN', 'COBALT_LOG_LEVEL']);

/**
 * Defaults, then the user's files, then environment variables; then the whole is checked.
 * Every problem is reported, each with its file, line, key, what was expected and what was found.
 */
export async function loadDeskConfig(sources: Sources): Promise<Result<DeskConfig, ConfigProblem[]>> {
  const config = await loadLayered(
    configSchema,
    join(sources.defaultsFolder, 'config.yaml'),
    sources.userConfig,
    sources.environment,
  );
  const models = await loadLayered(modelsConfigSchema, join(sources.defaultsFolder, 'models.yaml'), sources.userModels, {});
  if (config.ok && models.ok) return ok({ config: config.value, models: models.value });
  return err([...(config.ok ? [] : config.error), ...(models.ok ? [] : models.error)]);
}

async function loadLayered<T>(
  schema: z.ZodType<T>,
  defaultsPath: string,
  userPath: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<T, ConfigProblem[]>> {
  const defaults = await readConfigFile(defaultsPath, false);
  const user = await readConfigFile(userPath, true);
  const unread = [defaults, user].filter((file) => Array.isArray(file)).flat();
  if (unread.length > 0 || defaults === undefined || Array.isArray(defaults) || Array.isArray(user)) return err(unread);

  const merged = structuredClone(defaults.value);
  const files: ConfigFile[] = [defaults];
  if (user !== undefined) {
    merge(merged, user.value);
    files.unshift(user);
  }
  const fromEnvironment = new Map<string, string>();
  const problems = applyEnvironment(merged, defaults.value, environment, fromEnvironment);

  const parsed = schema.safeParse(merged, { reportInput: true });
  if (!parsed.success) {
    for (const problem of parsed.error.issues.flatMap((issue) => explain(issue, merged, files, fromEnvironment))) {
      // What is malformed often is out of range too; one word on a key is enough.
      if (!problems.some((known) => known.key === problem.key)) problems.push(problem);
    }
  }
  return problems.length > 0 || !parsed.success ? err(problems) : ok(parsed.data);
}

/** Maps are merged key by key; lists and scalars are replaced. */
function merge(target: Record<string, unknown>, source: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(source)) {
    if (key === '__proto__') continue;
    const present = target[key];
    if (isMap(present) && isMap(value)) merge(present, value);
    else target[key] = value;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `COBALT_PRACTICE_SPEED=10` sets practice.speed, `COBALT_VENUES_OKX_REST_URL` venues.okx.restUrl, `COBALT_MODULES=regime,cob` the list
 * modules. The default tells the type. None under a key that no variable's name can hold (`ETH/USDT`).
 */
function applyEnvironment(
  merged: Record<string, unknown>,
  defaults: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  used: Map<string, string>,
): ConfigProblem[] {
  const keys = new Map<string, { readonly path: readonly string[]; readonly preset: unknown }>();
  collectVariables(defaults, [], keys);
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('COBALT_') || text === undefined || RESERVED_VARIABLES.has(name)) continue;
    const target = keys.get(name);
    if (target === undefined) {
      // Its value may be a secret under a mistyped name: it is not repeated.
      problems.push({
        file: 'environment',
        key: name,
        expected: `one of ${[...keys.keys()].join(', ')}`,
        actual: 'an unknown variable',
      });
      continue;
    }
    const { path, preset } = target;
    const values = valueAt(merged, path.slice(0, -1));
    // A section that the user's file made into something else is reported as such.
    if (!isMap(values)) continue;
    values[path.at(-1) as string] = Array.isArray(preset) ? listed(text) : typeof preset === 'string' ? text : scalar(text);
    used.set(path.join('.'), name);
  }
  return problems;
}

function collectVariables(
  values: Readonly<Record<string, unknown>>,
  path: readonly string[],
  found: Map<string, { readonly path: readonly string[]; readonly preset: unknown }>,
): void {
  for (const [key, preset] of Object.entries(values)) {
    if (!/^[A-Za-z0-9]+$/.test(key)) continue;
    const here = [...path, key];
    if (isMap(preset)) collectVariables(preset, here, found);
    else found.set(`COBALT_${here.map(upperSnake).join('_')}`, { path: here, preset });
  }
}

function upperSnake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** Texts between commas; none in an empty one. */
function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

function explain(
  issue: z.core.$ZodIssue,
  merged: Record<string, unknown>,
  files: readonly ConfigFile[],
  fromEnvironment: ReadonlyMap<string, string>,
): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const path = [...issue.path, name];
      const known = Object.keys((valueAt(files.at(-1)?.value, issue.path) as Record<string, unknown> | undefined) ?? {});
      return locate(path, files, fromEnvironment, {
        expected: known.length > 0 ? `one of the known keys: ${known.join(', ')}` : 'no such key',
        actual: `unknown key "${name}"`,
      });
    });
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues.map(expectedBy).join(', ');
    return [locate(issue.path, files, fromEnvironment, { expected, actual: `the key "${String(issue.path.at(-1))}"` })];
  }
  const present = valueAt(merged, issue.path);
  return [
    locate(issue.path, files, fromEnvironment, {
      expected: expectedBy(issue),
      actual: present === undefined ? 'missing' : JSON.stringify(present),
    }),
  ];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text (in quotes where it looks like a number)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
};

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  url: 'a URL such as https://api.example.com',
  datetime: 'a date and time such as 2020-04-26T00:00:00Z, in quotes',
};

/** What would have been right, in words that need no schema beside them. */
function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return FORMAT_WORDS[issue.format] ?? issue.message;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '';
}

function locate(
  path: readonly PropertyKey[],
  files: readonly ConfigFile[],
  fromEnvironment: ReadonlyMap<string, string>,
  what: { expected: string; actual: string },
): ConfigProblem {
  const key = path.map(String).join('.');
  // A variable that sets a list sets its entries.
  const variable = fromEnvironment.get(key) ?? fromEnvironment.get(path.slice(0, -1).map(String).join('.'));
  if (variable !== undefined) return { file: `environment variable ${variable}`, key, ...what };
  // The file that wins for this key, or failing that the one that holds the nearest part of its path.
  const file =
    files.find((candidate) => candidate.has(path) || replaces(candidate, path)) ??
    files.find((candidate) => candidate.lineOf(path) !== undefined) ??
    files.at(-1);
  const line = file?.lineOf(path);
  return { file: file?.path ?? '(defaults)', ...(line === undefined ? {} : { line }), key, ...what };
}

/** True when this file gives a list or a single value somewhere on the path: nothing of the files below it is left there. */
function replaces(file: ConfigFile, path: readonly PropertyKey[]): boolean {
  return path.some(
    (_, length) => length > 0 && file.has(path.slice(0, length)) && !isMap(valueAt(file.value, path.slice(0, length))),
  );
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
