// Small repairs of the theme, for readers who listen to a page or use a keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const each = (selector, repair) =>
    document.querySelectorAll(selector).forEach(repair);

  // A name must hold the words that are seen: let these words be the name.
  each("button.search-button-field, details > summary", (element) =>
    element.removeAttribute("aria-label"));
  each("button.theme-switch-button", (button) =>
    button.setAttribute("aria-label", "Color mode: Light, Dark or System Settings"));

  // The title in the sidebar belongs to the site's navigation.
  each(".bd-sidebar-primary .sidebar-primary-item:has(> .navbar-brand)", (item) => {
    item.setAttribute("role", "navigation");
    item.setAttribute("aria-label", "Title");
  });

  // A box that scrolls can be reached by keyboard, so it needs a role and a name.
  each(".pst-scrollable-table-container", (box) => {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Table");
  });

  // On paper nothing can be unfolded.
  window.addEventListener("beforeprint", () => {
    each("details", (element) => { element.open = true; });
    each(".admonition.toggle-hidden, .toggle-hidden", (element) =>
      element.classList.remove("toggle-hidden"));
  });
});
