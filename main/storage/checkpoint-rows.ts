import { z } from 'zod';
import type { CheckpointManifest } from '../../core/contracts/learning.ts';
import { DATA_MODES, idSchema } from '../../core/contracts/primitives.ts';
import { Refusal } from './failures.ts';
import { flag, number, oneOf, optionalText, type Row, type Sql, text } from './sql.ts';

const annotationIdsSchema = z.array(idSchema);

/** Saving a known checkpoint again keeps whether it is promoted. */
export async function upsertCheckpoint(sql: Sql, manifest: CheckpointManifest): Promise<void> {
  const { metrics, trainingRange, files } = manifest;
  await sql.insert(
    `INSERT INTO checkpoints VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, false)
     ON CONFLICT (id) DO UPDATE SET format = excluded.format, model_id = excluded.model_id, symbol = excluded.symbol, trained_on = excluded.trained_on,
       created_at = excluded.created_at, input_schema_hash = excluded.input_schema_hash, parameter_count = excluded.parameter_count,
       seed = excluded.seed, step = excluded.step, held_out_loss = excluded.held_out_loss,
       held_out_action_accuracy = excluded.held_out_action_accuracy, held_out_direction_accuracy = excluded.held_out_direction_accuracy,
       held_out_annotated = excluded.held_out_annotated,
       annotation_ids = excluded.annotation_ids, trained_from = excluded.trained_from, trained_to = excluded.trained_to, parent = excluded.parent,
       model_name = excluded.model_name, model_bytes = excluded.model_bytes, model_sha256 = excluded.model_sha256,
       optimiser_name = excluded.optimiser_name, optimiser_bytes = excluded.optimiser_bytes, optimiser_sha256 = excluded.optimiser_sha256`,
    [
      manifest.id,
      BigInt(manifest.format),
      manifest.modelId,
      manifest.symbol,
      manifest.trainedOn,
      BigInt(manifest.createdAt),
      manifest.inputSchemaHash,
      BigInt(manifest.parameterCount),
      BigInt(manifest.seed),
      BigInt(manifest.step),
      metrics.heldOutLoss,
      metrics.heldOutActionAccuracy,
      metrics.heldOutDirectionAccuracy,
      BigInt(metrics.heldOutAnnotated),
      JSON.stringify(manifest.annotationIds),
      BigInt(trainingRange.from),
      BigInt(trainingRange.to),
      manifest.parent ?? null,
      files.model.name,
      BigInt(files.model.bytes),
      files.model.sha256,
      files.optimiser.name,
      BigInt(files.optimiser.bytes),
      files.optimiser.sha256,
    ],
  );
}

/** Of an unknown id: nothing to do. */
export async function deleteCheckpoint(sql: Sql, id: string): Promise<void> {
  await sql.run('DELETE FROM checkpoints WHERE id = $1', [id]);
}

export async function readCheckpoints(sql: Sql, symbol: string): Promise<{ manifest: CheckpointManifest; promoted: boolean }[]> {
  const rows = await sql.rows('SELECT * FROM checkpoints WHERE symbol = $1 ORDER BY created_at DESC, id DESC', [symbol]);
  return rows.map((row) => ({ manifest: manifestOf(row), promoted: flag(row, 'promoted') }));
}

export async function promoteCheckpoint(sql: Sql, id: string): Promise<void> {
  const [row] = await sql.rows('SELECT symbol, model_id FROM checkpoints WHERE id = $1', [id]);
  if (row === undefined)
    throw new Refusal(`Checkpoint ${id} is not in the store, so it cannot be promoted. It may have been deleted.`);
  await sql.run('UPDATE checkpoints SET promoted = (id = $1) WHERE symbol = $2 AND model_id = $3', [
    id,
    text(row, 'symbol'),
    text(row, 'model_id'),
  ]);
}

function manifestOf(row: Row): CheckpointManifest {
  const format = number(row, 'format');
  if (format !== 1) throw new Error(`Corrupt row: checkpoint ${text(row, 'id')} has format ${format}`);
  const parent = optionalText(row, 'parent');
  return {
    format,
    id: text(row, 'id'),
    modelId: text(row, 'model_id'),
    symbol: text(row, 'symbol'),
    trainedOn: oneOf(row, 'trained_on', DATA_MODES),
    createdAt: number(row, 'created_at'),
    inputSchemaHash: text(row, 'input_schema_hash'),
    parameterCount: number(row, 'parameter_count'),
    seed: number(row, 'seed'),
    step: number(row, 'step'),
    metrics: {
      heldOutLoss: number(row, 'held_out_loss'),
      heldOutActionAccuracy: number(row, 'held_out_action_accuracy'),
      heldOutDirectionAccuracy: number(row, 'held_out_direction_accuracy'),
      heldOutAnnotated: number(row, 'held_out_annotated'),
    },
    annotationIds: annotationIdsSchema.parse(JSON.parse(text(row, 'annotation_ids'))),
    trainingRange: { from: number(row, 'trained_from'), to: number(row, 'trained_to') },
    ...(parent === undefined ? {} : { parent }),
    files: {
      model: { name: text(row, 'model_name'), bytes: number(row, 'model_bytes'), sha256: text(row, 'model_sha256') },
      optimiser: {
        name: text(row, 'optimiser_name'),
        bytes: number(row, 'optimiser_bytes'),
        sha256: text(row, 'optimiser_sha256'),
      },
    },
  };
}
