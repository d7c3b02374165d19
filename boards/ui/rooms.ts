/** The seam between a board and the room of a work session: one lazily loaded view with the props the drawer hands it. */
import { lazy } from "preact/compat";

export const Room = lazy(async () => ({ default: (await import("../../sessions/ui/RoomView")).Room }));
