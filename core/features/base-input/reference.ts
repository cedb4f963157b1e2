import { fail, type Failure, ok, type Result } from '../../base/result.ts';
import type { BaseInputReference } from '../../contracts/base-input.ts';
import type { BaseInput } from './base-input.ts';
import type { AccountState, LastOutput } from './context-row.ts';
import { baseInputSchemaHash, BLOCKS, type BlockName, blockNamed, PARAM_COUNT, PARAM_NAMES, type PlacedBlock } from './schema.ts';

export type ReferenceFailure = Failure<'INPUT_OTHER_LAYOUT'>;

/** What an input was made of, to be kept with what a model made of it. */
export function referenceOf(
  input: BaseInput,
  account: AccountState | undefined,
  outputs: readonly LastOutput[],
): BaseInputReference {
  const { symbol, t, spans, params, values } = input;
  return {
    symbol,
    t,
    inputSchemaHash: baseInputSchemaHash,
    blocks: BLOCKS.map(({ name }, i) => ({
      name,
      from: spans[3 * i] as number,
      to: spans[3 * i + 1] as number,
      count: spans[3 * i + 2] as number,
    })),
    normParams: PARAM_NAMES.map((name, i) => ({
      name,
      mean: params[2 * i] as number,
      std: params[2 * i + 1] as number,
    })),
    ...(account === undefined ? {} : { account: { ...account } }),
    outputs: outputs.map(({ model, at, figures }) => ({ model, at, figures: [...figures] })),
    digest: digestOf(values),
  };
}

/** The parameters of a reference as `BaseInputBuilder.build` takes them. Refuses those of another layout. */
export function paramsOf({ inputSchemaHash, normParams }: BaseInputReference): Result<Float64Array, ReferenceFailure> {
  if (inputSchemaHash !== baseInputSchemaHash) {
    const text = `the input was laid out by schema ${inputSchemaHash}, this program builds ${baseInputSchemaHash}`;
    return fail('INPUT_OTHER_LAYOUT', `It cannot be rebuilt: ${text}.`);
  }
  const params = new Float64Array(2 * PARAM_COUNT);
  for (let i = 0; i < PARAM_COUNT; i++) {
    const param = normParams[i];
    if (param === undefined || param.name !== PARAM_NAMES[i] || normParams.length !== PARAM_COUNT) {
      const text = `normalisation parameter ${i} must be ${PARAM_NAMES[i]}, got ${param?.name}`;
      return fail('INPUT_OTHER_LAYOUT', `${text} (${normParams.length} given, ${PARAM_COUNT} expected).`);
    }
    params[2 * i] = param.mean;
    params[2 * i + 1] = param.std;
  }
  return ok(params);
}

/** Open time of the newest row that may be read for a block. */
export function lastOf(reference: BaseInputReference, name: BlockName): number {
  const { index, framed } = blockNamed(name);
  const block = reference.blocks[index];
  // Of frames the span then ends before the window; whatever else there was none of was not read at all.
  return block === undefined || (block.count === 0 && !framed) ? Number.NEGATIVE_INFINITY : block.to;
}

/**
 * 64 bits over the float32 patterns, as 16 hex digits: two multiplicative hashes (Knuth, TAOCP 3, 6.4) with the finaliser of MurmurHash3.
 * Tells inputs apart; it is not a cryptographic hash.
 */
export function digestOf(values: Float32Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let a = 0x9e3779b9 | 0;
  let b = 0x85ebca6b | 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul((b << 5) ^ (b >>> 27) ^ word, 0x9e3779b1);
  }
  return hex(finished(a)) + hex(finished(b ^ a));
}

function finished(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}

export type TensorFailure = Failure<'INPUT_WRONG_SHAPE' | 'INPUT_NOT_FINITE'>;

/**
 * Whether tensors are those of this schema, for whoever receives them from elsewhere: every block there, of its size, all numbers.
 * The failure names symbol and block, with the shape that was expected and the size that was given.
 */
export function checkTensors(
  symbol: string,
  tensors: Readonly<Partial<Record<BlockName, ArrayLike<number>>>>,
  takes: readonly BlockName[] = BLOCKS.map(({ name }) => name),
): Result<void, TensorFailure> {
  for (const name of takes) {
    const { shape, length, columns }: PlacedBlock = blockNamed(name);
    const values = tensors[name];
    if (values?.length !== length) {
      const given = values === undefined ? 'none' : `${values.length} numbers`;
      return fail('INPUT_WRONG_SHAPE', `${symbol} ${name}: expected ${shape.join(' × ')} = ${length} numbers, got ${given}.`);
    }
    for (let i = 0; i < length; i++) {
      if (Number.isFinite(values[i])) continue;
      const where = `row ${Math.floor(i / columns.length)}, column ${columns[i % columns.length]?.name}`;
      return fail('INPUT_NOT_FINITE', `${symbol} ${name}: ${where} is ${values[i]}.`);
    }
  }
  return ok(undefined);
}
