import { Component, type ReactNode } from 'react';
import { reasonOf } from '../../core/base/result.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
}

/** A panel that breaks takes no other panel with it. */
export class PanelBoundary extends Component<Props, { problem: string | undefined }> {
  override state = { problem: undefined };

  static getDerivedStateFromError(thrown: unknown): { problem: string } {
    return { problem: reasonOf(thrown) };
  }

  override render(): ReactNode {
    if (this.state.problem === undefined) return this.props.children;
    return (
      <EmptyState title={`The panel “${this.props.title}” stopped working`}>
        <p>{this.state.problem}</p>
        <Button onClick={() => this.setState({ problem: undefined })}>Open it again</Button>
      </EmptyState>
    );
  }
}
