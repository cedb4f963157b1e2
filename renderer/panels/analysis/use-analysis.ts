import { useEffect, useState } from 'react';
import type { AnalysisModuleId, AnalysisView } from '../../../core/contracts/analysis.ts';
import { useDesk } from '../../app/desk-context.ts';
import { SampleRing } from '../../stores/sample-ring.ts';

/** Twice a second: a minute. */
export const COURSE_SAMPLES = 120;

export interface Analysis {
  readonly view: AnalysisView;
  /** The newest values of a feature while the panel was shown, oldest first. */
  readonly courses: (module: AnalysisModuleId, feature: string) => readonly number[];
}

/** The analysis of a symbol for as long as the panel is shown; undefined before the first report. */
export function useAnalysis(symbol: string): Analysis | undefined {
  const { client } = useDesk();
  const [analysis, setAnalysis] = useState<Analysis>();
  useEffect(() => {
    setAnalysis(undefined);
    if (symbol === '') return;
    const rings = new Map<string, SampleRing>();
    const courses: Analysis['courses'] = (module, feature) => rings.get(`${module} ${feature}`)?.values() ?? [];
    return client.subscribe('analysis', { symbol }, (view) => {
      for (const { id, features } of view.modules) {
        for (const { id: feature, value } of features) {
          const name = `${id} ${feature}`;
          if (value === null) rings.delete(name);
          else {
            const ring = rings.get(name) ?? new SampleRing(COURSE_SAMPLES);
            rings.set(name, ring);
            ring.push(value);
          }
        }
      }
      setAnalysis({ view, courses });
    });
  }, [client, symbol]);
  return analysis;
}
