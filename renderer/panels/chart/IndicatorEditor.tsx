import { useEffect, useId, useRef, useState } from 'react';
import type { ParamDefinition } from '../../../core/analysis/indicators/indicator.ts';
import { defaultParams, fittingParams, indicatorById } from '../../../core/analysis/indicators/registry.ts';
import { type IndicatorInstance, instanceTitle, SERIES_COLOURS, type SeriesColour } from '../../charts/indicator-instance.ts';
import { Icon } from '../../ui/Icon.tsx';

interface IndicatorEditorProps {
  readonly instance: IndicatorInstance;
  readonly isOpen: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onChange: (changed: IndicatorInstance) => void;
  readonly onRemove: () => void;
}

/** One indicator of the chart: a line, and its parameters and colours while it is open. */
export function IndicatorEditor({ instance, isOpen, onOpen, onChange, onRemove }: IndicatorEditorProps) {
  const id = useId();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const definition = indicatorById(instance.indicator);
  if (definition === undefined) return null;
  const title = instanceTitle(instance);
  const isStandard = JSON.stringify(instance.params) === JSON.stringify(defaultParams(definition));
  return (
    <li ref={row} className="indicator" data-testid="indicator" data-indicator={definition.id}>
      <div className="indicator-head">
        <button
          type="button"
          className="indicator-title"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => onOpen(!isOpen)}
        >
          <span className="indicator-colours" aria-hidden="true">
            {[...new Set(instance.colours)].map((colour) => (
              <i key={colour} style={{ background: `var(--${colour})` }} />
            ))}
          </span>
          {title} <span className="dim">{definition.name}</span>
        </button>
        <button
          type="button"
          className="indicator-remove"
          title={`Remove ${title}`}
          aria-label={`Remove ${title}`}
          data-testid="indicator-remove"
          onClick={onRemove}
        >
          <Icon name="bin" />
        </button>
      </div>
      {isOpen && (
        <div className="indicator-body" id={id}>
          {definition.params.map((param) => (
            <NumberField
              // A number that was set from outside begins the field anew.
              key={`${param.id} ${instance.params[param.id]}`}
              param={param}
              value={instance.params[param.id] ?? param.default}
              onValue={(value) =>
                onChange({ ...instance, params: fittingParams(definition, { ...instance.params, [param.id]: value }) })
              }
            />
          ))}
          {definition.outputs.map((output, i) =>
            output.kind === 'histogram' ? null : (
              <ColourField
                key={output.id}
                label={output.name}
                value={instance.colours[i]}
                onValue={(colour) =>
                  onChange({ ...instance, colours: instance.colours.map((known, at) => (at === i ? colour : known)) })
                }
              />
            ),
          )}
          {!isStandard && (
            <button
              type="button"
              className="indicator-standard"
              onClick={() => onChange({ ...instance, params: defaultParams(definition) })}
            >
              Default parameters
            </button>
          )}
        </div>
      )}
    </li>
  );
}

interface NumberFieldProps {
  readonly param: ParamDefinition;
  readonly value: number;
  readonly onValue: (value: number) => void;
}

/** Taken when the field is left or Enter is pressed: not every number on the way to one is meant. */
function NumberField({ param, value, onValue }: NumberFieldProps) {
  const [text, setText] = useState(String(value));
  const number = Number(text.replace(',', '.'));
  const { min, max, step } = param;
  const isFitting = text.trim() !== '' && number >= min && number <= max && (step !== 1 || Number.isInteger(number));
  const take = (): void => {
    if (!isFitting) setText(String(value));
    else if (number !== value) onValue(number);
  };
  return (
    <label className="indicator-field">
      <span>{param.name}</span>
      <input
        className="input num"
        inputMode="decimal"
        value={text}
        aria-invalid={!isFitting}
        title={`${step === 1 ? 'A whole number' : 'A number'} from ${min} to ${max}`}
        data-testid={`param-${param.id}`}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          const by = { ArrowUp: step, ArrowDown: -step }[event.key];
          if (event.key === 'Enter') take();
          else if (by !== undefined && isFitting) {
            event.preventDefault();
            const next = Math.min(Math.max(number + by, min), max);
            onValue(Number(next.toFixed(6)));
          }
        }}
      />
      {!isFitting && (
        <span className="indicator-range">
          {min} to {max}
        </span>
      )}
    </label>
  );
}

interface ColourFieldProps {
  readonly label: string;
  readonly value: SeriesColour | undefined;
  readonly onValue: (colour: SeriesColour) => void;
}

function ColourField({ label, value, onValue }: ColourFieldProps) {
  return (
    <div className="indicator-field" role="radiogroup" aria-label={`Colour of ${label}`}>
      <span>{label}</span>
      <span className="swatches">
        {SERIES_COLOURS.map((colour, i) => (
          <button
            key={colour}
            type="button"
            role="radio"
            aria-checked={colour === value}
            aria-label={`Colour ${i + 1}`}
            style={{ background: `var(--${colour})` }}
            onClick={() => onValue(colour)}
          />
        ))}
      </span>
    </div>
  );
}
