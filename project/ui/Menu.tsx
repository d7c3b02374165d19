/** A button with a menu: arrows move, Enter chooses, Esc closes and gives the focus back. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { classes } from "./text";

export interface MenuItem {
  label: string;
  onSelect(): void;
  icon?: IconName;
  /** Makes it a radio item. */
  checked?: boolean;
  danger?: boolean;
  /** Why it can't be used now; it stays readable. */
  disabled?: string | undefined;
}

interface Props {
  label: string;
  /** Groups of items, separated by a rule; a group may carry a heading. */
  groups: { heading?: string; items: MenuItem[] }[];
  /** What the button shows; an icon with `label` as its name without it. */
  children?: ComponentChildren;
  class?: string;
}

const GAP = 4;

/** Put the popup under the button, inside the window, through custom properties (the CSP allows no style attributes). */
function place(popup: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const below = anchor.bottom + GAP;
  const top = below + height <= innerHeight - GAP ? below : Math.max(GAP, anchor.top - GAP - height);
  const left = Math.max(GAP, Math.min(anchor.right - width, innerWidth - width - GAP));
  popup.style.setProperty("--menu-top", `${top}px`);
  popup.style.setProperty("--menu-left", `${left}px`);
}

function moveFocus(popup: HTMLElement, key: string): boolean {
  const items = [...popup.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const target: Record<string, number> = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  };
  const next = target[key];
  if (next === undefined) return false;
  items[next]?.focus();
  return true;
}

/** Opening, closing, placing and where the focus goes. */
function usePopup() {
  const [open, setOpen] = useState(false);
  const popup = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const onToggle = (event: { newState: string }) => {
    const isOpen = event.newState === "open";
    setOpen(isOpen);
    const hadFocus = popup.current?.contains(document.activeElement) || document.activeElement === document.body;
    if (!isOpen && hadFocus) button.current?.focus();
  };
  // Only now are the items drawn and their size known.
  useLayoutEffect(() => {
    if (!open || !popup.current || !button.current) return;
    place(popup.current, button.current);
    popup.current.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
  }, [open]);
  const choose = (item: MenuItem) => {
    if (item.disabled) return;
    popup.current?.hidePopover();
    button.current?.focus();
    item.onSelect();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab") popup.current?.hidePopover();
    if (popup.current && moveFocus(popup.current, event.key)) event.preventDefault();
    event.stopPropagation();
  };
  return { open, popup, button, onToggle, onKeyDown, choose };
}

export function Menu({ label, groups, children, class: extra }: Props) {
  const { open, popup, button, onToggle, onKeyDown, choose } = usePopup();
  const id = useId();
  return (
    <>
      <button
        ref={button}
        type="button"
        class={extra ?? "icon-button"}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        aria-label={label}
        title={label}
        onClick={(event) => {
          event.stopPropagation();
          popup.current?.togglePopover();
        }}
      >
        {children ?? <Icon name="menu" />}
      </button>
      <div ref={popup} id={id} class="menu" role="menu" aria-label={label} popover="auto" onToggle={onToggle} onClick={(event) => event.stopPropagation()} onKeyDown={onKeyDown}>
        {open && groups.map((group, index) => <Group key={index} {...group} choose={choose} />)}
      </div>
    </>
  );
}

function Group({ heading, items, choose }: { heading?: string; items: MenuItem[]; choose(item: MenuItem): void }) {
  return (
    <div class="menu-group" role="group" aria-label={heading}>
      {heading && (
        <div class="menu-heading" aria-hidden="true">
          {heading}
        </div>
      )}
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          class={classes("menu-item", item.danger && "danger")}
          role={item.checked === undefined ? "menuitem" : "menuitemradio"}
          aria-checked={item.checked}
          aria-disabled={item.disabled ? true : undefined}
          tabIndex={-1}
          onClick={() => choose(item)}
        >
          <span class="menu-mark">{item.checked ? <Icon name="check" /> : item.icon && <Icon name={item.icon} />}</span>
          <span>
            {item.label}
            {item.disabled && <span class="meta menu-reason">{item.disabled}</span>}
          </span>
        </button>
      ))}
    </div>
  );
}
