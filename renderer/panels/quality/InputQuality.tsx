import { useEffect, useState } from 'react';
import type { InputBlockQuality, InputQuality as Quality } from '../../../core/contracts/base-input.ts';
import { useDesk } from '../../app/desk-context.ts';
import { formatClock, formatNumber, formatShare } from '../../ui/format.ts';
import { blockLabel, blockTitle, countText, refusalLines, toneOf } from './input-quality-words.ts';

/** How whole the models' input of a symbol is, block by block, and whether a model may run on it. */
export function InputQuality({ symbol }: { readonly symbol: string }) {
  const quality = useInputQuality(symbol);
  return (
    <section className="input-quality" aria-label="Models’ input" data-testid="input-quality">
      <h3 className="section-title">Models’ input</h3>
      {quality === undefined ? (
        <p className="dim quality-problem">Waiting for the first report…</p>
      ) : (
        <>
          <Verdict quality={quality} />
          <div className="quality-scroll">
            <table className="table input-blocks" aria-label="Blocks of the models’ input" data-testid="input-blocks">
              <thead>
                <tr>
                  <th scope="col">Block</th>
                  <th scope="col">Complete</th>
                  <th scope="col">Fresh</th>
                  <th scope="col">Consistent</th>
                  <th
                    scope="col"
                    className="right"
                    title="Of 300 frames; pivots by minutes of context, context by figures, outputs by models"
                  >
                    Frames
                  </th>
                  <th scope="col" className="right" title="Complete × fresh × consistent">
                    Score
                  </th>
                </tr>
              </thead>
              <tbody>
                {quality.blocks.map((block) => (
                  <BlockRow key={block.name} block={block} t={quality.t} />
                ))}
              </tbody>
              <tfoot>
                <tr title="Complete: weighted by block. Fresh: the oldest block. Consistent: share of all checks that hold.">
                  <th scope="row">Whole</th>
                  <Share share={quality.completeness} label="Complete" />
                  <Share share={quality.freshness} label="Fresh" />
                  <Share share={quality.consistency} label="Consistent" />
                  <td />
                  <td className="right num">{formatNumber(quality.score, 2)}</td>
                </tr>
              </tfoot>
            </table>
          </div>
          <Rebuilt quality={quality} />
        </>
      )}
    </section>
  );
}

/** Of the symbol for as long as the panel is shown; undefined before the first report. */
function useInputQuality(symbol: string): Quality | undefined {
  const { client } = useDesk();
  const [quality, setQuality] = useState<Quality>();
  useEffect(() => {
    setQuality(undefined);
    if (symbol === '') return;
    return client.subscribe('inputQuality', { symbol }, setQuality);
  }, [client, symbol]);
  return quality;
}

function Verdict({ quality }: { readonly quality: Quality }) {
  if (quality.refusal === undefined) {
    return (
      <p className="input-verdict" data-testid="input-verdict">
        <strong className="up">A model may run.</strong>{' '}
        <span className="dim num">{formatShare(quality.completeness)} of its input is there.</span>
      </p>
    );
  }
  return (
    <div className="input-verdict" data-testid="input-verdict">
      <strong className="warn">No model that takes all of it may run:</strong>
      <ul>
        {refusalLines(quality).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function BlockRow({ block, t }: { readonly block: InputBlockQuality; readonly t: number }) {
  const { name, completeness, freshness, consistency, score, counts } = block;
  return (
    <tr title={blockTitle(block, t)} className={counts ? undefined : 'input-uncounted'} data-block={name}>
      <th scope="row">{blockLabel(name)}</th>
      <Share share={completeness} label="Complete" />
      <Share share={freshness} label="Fresh" />
      <Share share={consistency} label="Consistent" />
      <td className="right num">{countText(block)}</td>
      <td className="right num">{counts ? formatNumber(score, 2) : '–'}</td>
    </tr>
  );
}

function Share({ share, label }: { readonly share: number; readonly label: string }) {
  return (
    <td>
      <span
        className={`input-bar input-${toneOf(share)}`}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(100 * share)}
      >
        <span style={{ transform: `scaleX(${share})` }} />
      </span>
    </td>
  );
}

/** Whether what was built live comes out of the store the same. */
function Rebuilt({ quality: { rebuilt } }: { readonly quality: Quality }) {
  if (rebuilt === undefined)
    return (
      <p className="dim quality-problem">
        Every ten seconds, while this is shown, an input is rebuilt from the store and compared.
      </p>
    );
  const { t, wallMs, difference } = rebuilt;
  return (
    <p className="quality-problem" data-testid="input-rebuilt">
      The input of {formatClock(t)}, rebuilt from the store in {formatNumber(wallMs, 0)} ms, is{' '}
      {difference === undefined ? (
        <span className="up">the same to the last bit.</span>
      ) : (
        <span className="warn">not the same: {difference}.</span>
      )}
    </p>
  );
}
