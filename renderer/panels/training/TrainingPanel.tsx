import './training.css';
import { Checkpoints } from './Checkpoints.tsx';
import { Forecast } from './Forecast.tsx';
import { TrainingControls } from './TrainingControls.tsx';
import { TrainingCurves } from './TrainingCurves.tsx';

/** Trains the model on the annotations, shows how it learns, what was kept, and what it says now. */
export function TrainingPanel() {
  return (
    <div className="panel training" data-testid="training">
      <TrainingControls />
      <TrainingCurves />
      <Forecast />
      <Checkpoints />
    </div>
  );
}
