/** Keeps a defect in one view from blanking the page: says so, and offers the way out. */
import { Component, type ComponentChildren } from "preact";

interface Props {
  /** "This board couldn't be shown." */
  sentence: string;
  children: ComponentChildren;
}

export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }

  render() {
    if (!this.state.failed) return this.props.children;
    return (
      <section class="full-stop" role="alert">
        <h1>{this.props.sentence}</h1>
        <p>What was saved is safe. Reload the page; if this stays, tell whoever runs this server.</p>
        <div class="row">
          <button type="button" class="button primary" onClick={() => location.reload()}>
            Reload
          </button>
          <a class="button" href="/">
            Back to boards
          </a>
        </div>
      </section>
    );
  }
}
