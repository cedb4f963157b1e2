import type { AnalysisModuleId, Feature } from '../../../core/contracts/analysis.ts';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { featureText } from './feature-text.ts';
import { COURSE_SAMPLES } from './use-analysis.ts';

interface FeatureRowProps {
  readonly module: AnalysisModuleId;
  readonly feature: Feature;
  /** Its newest values, oldest first. */
  readonly course: readonly number[];
}

/** A feature's name, its course over the last minute where it is a number, and its value. */
export function FeatureRow({ module, feature, course }: FeatureRowProps) {
  const moved = feature.text === undefined && course.some((value) => value !== course[0]);
  return (
    <tr title={feature.hint}>
      <td>{feature.name}</td>
      <td className="analysis-course">{moved && <Sparkline values={course} capacity={COURSE_SAMPLES} fitted />}</td>
      <td className={`num right ${toneOf(feature)}`} data-testid={`feature-${module}-${feature.id}`}>
        {featureText(feature)}
      </td>
    </tr>
  );
}

/** Only words are coloured: not every number above 0 is good. */
function toneOf({ value, text }: Feature): string {
  if (value === null) return 'dim';
  if (text?.startsWith('up') === true) return 'up';
  return text?.startsWith('down') === true ? 'down' : '';
}
