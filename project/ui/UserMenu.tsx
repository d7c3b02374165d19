/** The menu behind my avatar: theme, shortcuts, announcements, sign out. */
import { api } from "./api";
import { Avatar } from "./avatar";
import { asCommandError } from "./errors";
import { Menu, type MenuItem } from "./Menu";
import { explain } from "./microcopy";
import { useValue } from "./observable";
import { pageData } from "./page";
import { announceOthers, setAnnounceOthers, setShortcuts, setTheme, shortcutsOn, theme, type Theme } from "./prefs";
import { showToast } from "./toast";
import type { User } from "./wire";

const THEMES: [Theme, string][] = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** Sign out through the plain form the page would use without scripts. */
function signOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/accounts/logout/";
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrfmiddlewaretoken";
  token.value = pageData().csrf;
  form.append(token);
  document.body.append(form);
  form.submit();
}

async function signOutEverywhere(): Promise<void> {
  try {
    await api.post("auth/logoutall/");
    location.assign("/accounts/login/");
  } catch (cause) {
    showToast({ text: explain(asCommandError(cause)) });
  }
}

export function UserMenu({ user }: { user: User }) {
  const current = useValue(theme);
  const shortcuts = useValue(shortcutsOn);
  const announce = useValue(announceOthers);
  const themes: MenuItem[] = THEMES.map(([value, label]) => ({ label, checked: current === value, onSelect: () => setTheme(value) }));
  const groups = [
    { heading: "Theme", items: themes },
    {
      items: [
        { label: shortcuts ? "Turn letter shortcuts off" : "Turn letter shortcuts on", onSelect: () => setShortcuts(!shortcuts), icon: "key" as const },
        {
          label: announce ? "Don't announce others' changes" : "Announce others' changes",
          onSelect: () => setAnnounceOthers(!announce),
          icon: "bell" as const,
        },
      ],
    },
    {
      heading: `Signed in as ${user.username}`,
      items: [
        { label: "Performance", onSelect: () => location.assign("/performance/") },
        { label: "Console", onSelect: () => location.assign("/console/") },
        { label: "Change password", onSelect: () => location.assign("/accounts/password/") },
        { label: "Sign out", onSelect: signOut },
        { label: "Sign out everywhere", onSelect: () => void signOutEverywhere() },
      ],
    },
  ];
  return (
    <Menu label={`Account of ${user.username}`} groups={groups} class="icon-button user-button">
      <Avatar user={user} decorative />
    </Menu>
  );
}
