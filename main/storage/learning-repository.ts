import {
  type CheckpointManifest,
  DIRECTIONS,
  type HorizonForecast,
  HORIZONS_MIN,
  type InferenceReference,
  type Prediction,
} from '../../core/contracts/learning.ts';
import type { LearningRepository, Stored } from '../ports/store.ts';
import { deleteCheckpoint, promoteCheckpoint, readCheckpoints, upsertCheckpoint } from './checkpoint-rows.ts';
import type { Database } from './database.ts';
import { Refusal } from './failures.ts';
import { flag, number, oneOf, placeholders, type Row, type Sql, type SqlValue, text } from './sql.ts';

export class DuckDbLearningRepository implements LearningRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  savePrediction(prediction: Prediction, reference: InferenceReference): Stored<void> {
    return this.#database.journal.run((sql) =>
      sql.transaction(async () => {
        await upsertPrediction(sql, prediction);
        await upsertReference(sql, reference);
        await upsertOutcomes(sql, prediction);
      }),
    );
  }

  saveOutcomes(prediction: Prediction): Stored<void> {
    return this.#database.journal.run((sql) =>
      sql.transaction(async () => {
        const found = await sql.rows('UPDATE predictions SET unresolved = $2 WHERE id = $1 RETURNING id', [
          prediction.id,
          unresolvedOf(prediction),
        ]);
        if (found.length === 0)
          throw new Refusal(
            `Prediction ${prediction.id} is not in the store, so its outcomes cannot be recorded. Save the prediction first.`,
          );
        await upsertOutcomes(sql, prediction);
      }),
    );
  }

  /** Predictions made at t in [from, to), oldest first. */
  predictions(symbol: string, from: number, to: number): Stored<Prediction[]> {
    return this.#read('SELECT * FROM predictions WHERE symbol = $1 AND t >= $2 AND t < $3', [
      symbol,
      BigInt(Math.ceil(from)),
      BigInt(Math.ceil(to)),
    ]);
  }

  /** The newest `limit` predictions, oldest first. */
  latestPredictions(symbol: string, limit: number): Stored<Prediction[]> {
    const count = BigInt(Math.max(0, Math.floor(limit)));
    return this.#read('SELECT * FROM predictions WHERE symbol = $1 ORDER BY t DESC, id DESC LIMIT $2', [symbol, count]);
  }

  unresolvedPredictions(symbol: string): Stored<Prediction[]> {
    return this.#read('SELECT * FROM predictions WHERE symbol = $1 AND unresolved > 0', [symbol]);
  }

  saveCheckpoint(manifest: CheckpointManifest): Stored<void> {
    return this.#database.journal.run((sql) => upsertCheckpoint(sql, manifest));
  }

  deleteCheckpoint(id: string): Stored<void> {
    return this.#database.journal.run((sql) => deleteCheckpoint(sql, id));
  }

  /** Newest first. */
  checkpoints(symbol: string): Stored<{ manifest: CheckpointManifest; promoted: boolean }[]> {
    return this.#database.reader.read((sql) => readCheckpoints(sql, symbol));
  }

  /** Makes it the only promoted checkpoint of its model and symbol. */
  promote(id: string): Stored<void> {
    return this.#database.journal.run((sql) => sql.transaction(() => promoteCheckpoint(sql, id)));
  }

  #read(selection: string, values: readonly SqlValue[]): Stored<Prediction[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT p.*, m.probability_sell, m.probability_hold, m.probability_buy, m.latency_ms,
           f.horizon_min, f.probability_down, f.probability_flat, f.probability_up, f.expected_return, f.matures_at,
           o.realised_return, o.realised_min, o.realised_max, o.direction, o.hit, o.recorded_at
         FROM (${selection}) p
         JOIN model_outputs m ON m.prediction_id = p.id
         JOIN forecasts f ON f.prediction_id = p.id
         LEFT JOIN outcomes o ON o.prediction_id = p.id AND o.position = f.position
         ORDER BY p.t, p.id, f.position`,
        values,
      );
      const predictions: Prediction[] = [];
      for (const row of rows) {
        let prediction = predictions[predictions.length - 1];
        if (prediction === undefined || prediction.id !== row['id']) {
          prediction = predictionOf(row);
          predictions.push(prediction);
        }
        prediction.horizons.push(forecastOf(row));
      }
      return predictions;
    });
  }
}

function unresolvedOf(prediction: Prediction): bigint {
  return BigInt(prediction.horizons.filter((horizon) => horizon.outcome === undefined).length);
}

async function upsertPrediction(sql: Sql, prediction: Prediction): Promise<void> {
  const [flat1, flat2, flat3, flat4] = prediction.flatThresholds;
  await sql.insert('INSERT OR REPLACE INTO predictions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [
    prediction.id,
    prediction.symbol,
    BigInt(prediction.t),
    prediction.checkpointId,
    prediction.modelId,
    prediction.referencePrice,
    flat1,
    flat2,
    flat3,
    flat4,
    unresolvedOf(prediction),
  ]);
  const [sell, hold, buy] = prediction.actionProbabilities;
  await sql.insert('INSERT OR REPLACE INTO model_outputs VALUES ($1, $2, $3, $4, $5)', [
    prediction.id,
    sell,
    hold,
    buy,
    prediction.latencyMs,
  ]);
  const rows: string[] = [];
  const values: SqlValue[] = [];
  for (const [position, horizon] of prediction.horizons.entries()) {
    const [down, flat, up] = horizon.probabilities;
    rows.push(placeholders(values.length, 8));
    values.push(
      prediction.id,
      BigInt(position),
      BigInt(horizon.horizonMin),
      down,
      flat,
      up,
      horizon.expectedReturn,
      BigInt(horizon.maturesAt),
    );
  }
  await sql.insert(`INSERT OR REPLACE INTO forecasts VALUES ${rows.join(', ')}`, values);
}

async function upsertReference(sql: Sql, reference: InferenceReference): Promise<void> {
  await sql.insert('INSERT OR REPLACE INTO inference_references VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    reference.id,
    reference.predictionId,
    reference.checkpointId,
    reference.symbol,
    BigInt(reference.t),
    JSON.stringify(reference.blocks),
    JSON.stringify(reference.normParams),
    reference.inputSchemaHash,
    reference.device,
  ]);
}

async function upsertOutcomes(sql: Sql, prediction: Prediction): Promise<void> {
  const rows: string[] = [];
  const values: SqlValue[] = [];
  for (const [position, { outcome }] of prediction.horizons.entries()) {
    if (outcome === undefined) continue;
    rows.push(placeholders(values.length, 8));
    values.push(
      prediction.id,
      BigInt(position),
      outcome.realisedReturn,
      outcome.realisedMin,
      outcome.realisedMax,
      outcome.direction,
      outcome.hit,
      BigInt(outcome.recordedAt),
    );
  }
  if (rows.length > 0) await sql.insert(`INSERT OR REPLACE INTO outcomes VALUES ${rows.join(', ')}`, values);
}

function predictionOf(row: Row): Prediction {
  return {
    id: text(row, 'id'),
    symbol: text(row, 'symbol'),
    checkpointId: text(row, 'checkpoint_id'),
    modelId: text(row, 'model_id'),
    t: number(row, 't'),
    referencePrice: number(row, 'reference_price'),
    actionProbabilities: [number(row, 'probability_sell'), number(row, 'probability_hold'), number(row, 'probability_buy')],
    flatThresholds: [
      number(row, 'flat_threshold_1'),
      number(row, 'flat_threshold_2'),
      number(row, 'flat_threshold_3'),
      number(row, 'flat_threshold_4'),
    ],
    horizons: [],
    latencyMs: number(row, 'latency_ms'),
  };
}

function forecastOf(row: Row): HorizonForecast {
  const horizonMin = HORIZONS_MIN.find((minutes) => minutes === number(row, 'horizon_min'));
  if (horizonMin === undefined) throw new Error(`Corrupt row: a forecast over ${number(row, 'horizon_min')} minutes`);
  const forecast: HorizonForecast = {
    horizonMin,
    probabilities: [number(row, 'probability_down'), number(row, 'probability_flat'), number(row, 'probability_up')],
    expectedReturn: number(row, 'expected_return'),
    maturesAt: number(row, 'matures_at'),
  };
  if (row['recorded_at'] === null) return forecast;
  return {
    ...forecast,
    outcome: {
      realisedReturn: number(row, 'realised_return'),
      realisedMin: number(row, 'realised_min'),
      realisedMax: number(row, 'realised_max'),
      direction: oneOf(row, 'direction', DIRECTIONS),
      hit: flag(row, 'hit'),
      recordedAt: number(row, 'recorded_at'),
    },
  };
}
