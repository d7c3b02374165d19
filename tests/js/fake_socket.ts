/** A WebSocket whose server side is the test. */
export class FakeSocket {
  static readonly all: FakeSocket[] = [];
  readonly sent: { type: string; ref?: string; data?: Record<string, unknown> }[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number; reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  /** What the server sends. */
  receive(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The server, or the network, ends it. */
  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  hello(seq: number, epoch = "e1"): void {
    this.receive({ type: "hello", data: { seq, epoch, protocol: 1, limits: { frame_bytes: 65_536 } } });
  }

  event(seq: number): void {
    this.receive(eventAt(seq));
  }

  reply(ref: string | undefined, seq = 0): void {
    this.receive({ type: "reply", ref, ok: true, data: { seq } });
  }

  refuse(ref: string | undefined, error: unknown): void {
    this.receive({ type: "reply", ref, ok: false, error });
  }

  of(type: string) {
    return this.sent.filter((frame) => frame.type === type);
  }

  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
}

export function eventAt(seq: number) {
  return { type: "card_moved", seq, id: `id${seq}`, stream: "board:1", timestamp: seq, actor: null, ref: null, data: {} };
}
