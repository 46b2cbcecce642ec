import { CHAT, Icon } from "../../controls/icon";
import type { TeamMember } from "../settings";
import type { WidgetModel } from "../widget";

/** A picture where there is one that loads, and initials under it. */
export function Face({
  member,
  name,
}: {
  readonly member?: TeamMember | undefined;
  readonly name?: string | undefined;
}) {
  const { picture } = member ?? {};
  const initials = initialsOf(member?.name ?? name ?? "");
  return (
    <span class="face" aria-hidden="true">
      {initials || <Icon path={CHAT} />}
      {picture && <img src={picture} alt="" onError={({ currentTarget }) => currentTarget.remove()} />}
    </span>
  );
}

/** Up to three faces, one over the other. */
export function Faces({ model }: { readonly model: WidgetModel }) {
  const { members = [] } = model.options.team ?? {};
  const name = model.options.title;
  return (
    <span class="faces">
      {members.length === 0 && <Face name={name} />}
      {members.slice(0, 3).map((member) => (
        <Face member={member} name={name} />
      ))}
    </span>
  );
}

/** How who answers is called: the only one by name, several as the shop. */
export function nameOfTeam({ options, language }: WidgetModel): string {
  const { members = [] } = options.team ?? {};
  return (members.length === 1 && members[0]?.name) || options.title || language.strings.seller;
}

function initialsOf(name: string): string {
  const words = name.match(/\p{L}+/gu) ?? [];
  const [first = "", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return ([...first].slice(0, 1).join("") + [...last].slice(0, 1).join("")).toLocaleUpperCase();
}
