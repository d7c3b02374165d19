/** Sign-in and sign-up pages: the forms work without this; it adds show-password, a busy button and focus on errors. */
import "../../ui/styles";
import "./sign.css";

function addPasswordToggle(input: HTMLInputElement): void {
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "button quiet small";
  toggle.setAttribute("aria-controls", input.id);
  const show = (shown: boolean) => {
    input.type = shown ? "text" : "password";
    toggle.textContent = shown ? "Hide" : "Show";
    toggle.setAttribute("aria-label", shown ? "Hide password" : "Show password");
  };
  toggle.addEventListener("click", () => show(input.type === "password"));
  show(false);
  const wrapper = document.createElement("div");
  wrapper.className = "password";
  input.replaceWith(wrapper);
  wrapper.append(input, toggle);
}

/** The button says what is going on and keeps its width; the browser's back button brings the old label back. */
function addBusyState(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!button) return;
  const label = button.textContent ?? "";
  form.addEventListener("submit", () => {
    button.style.setProperty("--busy-width", `${button.offsetWidth}px`);
    button.classList.add("busy");
    button.textContent = form.dataset["busy"] ?? label;
    button.disabled = true;
  });
  addEventListener("pageshow", () => {
    button.textContent = label;
    button.disabled = false;
  });
}

for (const form of document.querySelectorAll<HTMLFormElement>(".sign-form")) {
  for (const input of form.querySelectorAll("input")) {
    if (input.type !== "hidden") input.classList.add("input");
  }
  form.querySelectorAll<HTMLInputElement>("input[type=password]").forEach(addPasswordToggle);
  addBusyState(form);
}
const errors = document.querySelector<HTMLElement>("#errors");
const firstWrong = document.querySelector<HTMLElement>(".field:has(.field-error) input");
(errors ?? firstWrong)?.focus();
