import './training.css';
import { isTraining, useTraining } from '../../stores/training.ts';
import { Checkpoints } from './Checkpoints.tsx';
import { Forecast } from './Forecast.tsx';
import { TrainingControls } from './TrainingControls.tsx';
import { TrainingCurves } from './TrainingCurves.tsx';

/**
 * Trains the model on the annotations, shows how it learns, what was kept, and what it says now.
 * While it learns the curves come first, else what it predicts.
 */
export function TrainingPanel() {
  const learning = useTraining((state) => isTraining(state.status));
  return (
    <div className="panel training" data-testid="training">
      <TrainingControls />
      <div className={learning ? 'training-body training-learning' : 'training-body'}>
        <Forecast />
        <TrainingCurves />
      </div>
      <Checkpoints />
    </div>
  );
}
