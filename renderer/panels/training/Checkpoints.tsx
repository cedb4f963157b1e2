import { useState } from 'react';
import type { CheckpointSummary } from '../../../core/contracts/learning.ts';
import { runCommand } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useCheckpoints } from '../../stores/checkpoints.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatClock, formatDateTime, formatNumber, formatShare } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';

export function Checkpoints() {
  const checkpoints = useCheckpoints((state) => state.checkpoints);
  const { client } = useDesk();
  const [promoting, setPromoting] = useState<string>();

  async function promote({ id }: CheckpointSummary): Promise<void> {
    setPromoting(id);
    await runCommand(client, 'The checkpoint was not promoted', 'promoteCheckpoint', { id });
    setPromoting(undefined);
  }

  return (
    <section aria-label="Checkpoints" data-testid="checkpoints">
      <h3 className="section-title">Checkpoints</h3>
      {checkpoints === undefined || checkpoints.length === 0 ? (
        <EmptyState title={checkpoints === undefined ? 'Reading the checkpoints…' : 'No checkpoint yet'}>
          {checkpoints === undefined
            ? undefined
            : 'A finished or stopped training leaves one here. The promoted one makes the predictions.'}
        </EmptyState>
      ) : (
        <div className="checkpoints-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Made</th>
                <th scope="col" className="checkpoint-detail">
                  On
                </th>
                <th scope="col" className="right">
                  Loss
                </th>
                <th scope="col" className="right">
                  Action
                </th>
                <th scope="col" className="right">
                  Direction
                </th>
                <th scope="col" className="right checkpoint-detail">
                  Steps
                </th>
                <th scope="col">Use</th>
              </tr>
            </thead>
            <tbody>
              {checkpoints.map((checkpoint) => (
                <tr
                  key={checkpoint.id}
                  data-testid="checkpoint-row"
                  data-checkpoint-id={checkpoint.id}
                  title={`${checkpoint.id}, ${formatNumber(checkpoint.parameterCount, 0)} parameters`}
                >
                  <td className="num" title={formatDateTime(checkpoint.createdAt)}>
                    <span className="checkpoint-detail">{formatDateTime(checkpoint.createdAt).slice(0, 6)}</span>
                    {formatClock(checkpoint.createdAt)}
                  </td>
                  <td className="checkpoint-detail">
                    <ModeBadge mode={checkpoint.trainedOn} />
                  </td>
                  <td className="num right">{formatNumber(checkpoint.metrics.heldOutLoss, 3)}</td>
                  <td className="num right">
                    {checkpoint.metrics.heldOutAnnotated === 0 ? '–' : formatShare(checkpoint.metrics.heldOutActionAccuracy, 0)}
                  </td>
                  <td className="num right">{formatShare(checkpoint.metrics.heldOutDirectionAccuracy, 0)}</td>
                  <td className="num right checkpoint-detail">{checkpoint.step}</td>
                  <td className="checkpoint-use">
                    {checkpoint.promoted ? (
                      <span className="badge up" data-testid="checkpoint-promoted">
                        {checkpoint.active ? 'in use' : 'promoted'}
                      </span>
                    ) : (
                      <>
                        {checkpoint.active && <span className="badge">in use</span>}
                        <Button
                          className="button-small"
                          title="Predict with this one from now on, also after a restart"
                          disabled={promoting !== undefined}
                          onClick={() => void promote(checkpoint)}
                          data-testid="checkpoint-promote"
                        >
                          {promoting === checkpoint.id ? 'Promoting…' : 'Promote'}
                        </Button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
