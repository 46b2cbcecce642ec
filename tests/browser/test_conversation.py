"""A visitor and a seller talk, each in a browser of his own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewContext
from tests.browser.people import Network, Stage, hold_frames, received_by


def test_from_start_to_close_both_ways(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Is the moss bowl in stock?")
    expect(seller.contact("Ada")).to_contain_text("Is the moss bowl in stock?")

    seller.choose("Ada")
    expect(visitor.log().get_by_label("Read")).to_be_visible()
    seller.page.get_by_label("Write to Ada").press_sequentially("It")
    expect(visitor.log()).to_contain_text("The seller is typing")
    seller.say("Ada", "It is. See https://example.com/moss.")
    expect(visitor.log()).to_contain_text("It is. See https://example.com/moss.")
    expect(visitor.log().get_by_role("link")).to_have_attribute("href", "https://example.com/moss")
    expect(visitor.log()).not_to_contain_text("The seller is typing")
    expect(seller.log().get_by_label("Read")).to_be_visible()

    seller.page.get_by_role("button", name="End chat").click()
    expect(visitor.log()).to_contain_text("The chat has ended.")
    seller.page.get_by_role("button", name="Closed").click()
    expect(seller.contact("Ada")).to_be_visible()
    assert visitor.complaints == seller.complaints == []


def test_what_the_visitor_had_before_is_read_beside_the_chat_that_goes_on(
    stage: Stage, new_context: NewContext
) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("My bowl arrived broken")
    seller.choose("Ada")
    seller.say("Ada", "We send you another one")
    expect(visitor.log()).to_contain_text("We send you another one")
    seller.page.get_by_role("button", name="End chat").click()
    visitor.page.get_by_role("button", name="Start a new chat").click()
    visitor.say("It came, thank you")
    seller.choose("Ada")

    past = seller.page.get_by_role("list", name="Earlier chats").get_by_role("button", name="My bowl arrived broken")
    expect(past).to_contain_text("with you")
    past.click()
    sheet = seller.page.get_by_role("dialog", name="An earlier chat with Ada")
    expect(sheet).to_contain_text("We send you another one")
    expect(sheet).not_to_contain_text("It came, thank you")
    expect(sheet.get_by_role("textbox")).to_have_count(0)
    sheet.get_by_role("button", name="Close").click()
    seller.say("Ada", "Good to hear")
    expect(visitor.log()).to_contain_text("Good to hear")
    assert visitor.complaints == seller.complaints == []


def test_an_end_is_taken_back_and_a_word_of_yesterday_is_found(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    for text in ("Is celadon a glaze or a colour?", "Hello?"):
        visitor.say(text)
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("Hello?")
    seller.page.get_by_role("button", name="End chat").click()
    expect(seller.page.get_by_text("The chat with Ada ends.")).to_be_visible()
    expect(seller.contact("Ada")).to_be_hidden()
    seller.page.get_by_role("button", name="Undo").click()
    expect(seller.page.get_by_label("Write to Ada")).to_be_visible()

    yesterday = stage.system.let_be_of_yesterday(seller.page.url.rpartition("/")[2])
    # A page that is left ends what is to end; and a new one has read nothing but the lists.
    seller.page.goto("about:blank")
    seller.page.goto(f"{stage.pages.url}console.html")
    expect(seller.contact("Ada")).to_contain_text("Hello?")
    seller.page.keyboard.press("/")
    seller.page.keyboard.type("celadon")
    found = seller.page.get_by_label("Found in all your chats")
    expect(found.get_by_role("button", name="Is celadon a glaze or a colour?")).to_be_visible()
    expect(found.locator("time")).to_have_attribute("datetime", re.compile(f"^{yesterday}T"))
    found.get_by_role("button", name="Ada").click()
    seller.say("Ada", "It is a glaze")
    expect(visitor.log()).to_contain_text("It is a glaze")
    assert "The chat has ended." not in visitor.log().inner_text()
    assert visitor.complaints == seller.complaints == []


def test_a_reply_that_one_seller_shares_is_used_and_changed_by_a_colleague(
    stage: Stage, new_context: NewContext
) -> None:
    bob = stage.colleague("Bob")
    stage.register()
    grace = stage.seller(new_context())
    other = bob.seller(new_context())
    ada, edith = stage.visitor(new_context()), bob.visitor(new_context())
    for visitor, seller, name in ((ada, grace, "Ada"), (edith, other, "Edith")):
        visitor.start_chat(name)
        visitor.say(f"Hello from {name}")
        seller.choose(name)
    grace.page.get_by_label("Write to Ada").fill("Returns are free, {name}")
    grace.page.get_by_label("Canned replies").click()
    grace.page.get_by_role("button", name="Share what I have written with the team").click()
    shared = grace.page.get_by_role("list", name="Shared with the team")
    expect(shared.get_by_role("button", name="Returns are free, Ada")).to_be_visible()

    other.page.get_by_label("Canned replies").click()
    other.page.get_by_role("button", name="Edit: Returns are free, {name}").click()
    other.page.get_by_label("Text;").fill("Returns cost nothing, {name}")
    other.page.get_by_role("button", name="Save").click()
    other.page.get_by_role("button", name="Returns cost nothing, Edith").click()
    expect(other.page.get_by_label("Write to Edith")).to_have_value("Returns cost nothing, Edith")
    other.page.get_by_label("Write to Edith").press("Enter")
    expect(edith.log()).to_contain_text("Returns cost nothing, Edith")

    grace.page.reload()
    grace.choose("Ada")
    grace.page.get_by_label("Write to Ada").fill("/returns")
    expect(grace.page.get_by_label("Canned replies that fit")).to_contain_text("Returns cost nothing, Ada")
    assert ada.complaints == edith.complaints == grace.complaints == other.complaints == []


def test_nothing_is_stored_and_no_socket_opened_before_the_visitor_opens_the_chat(
    stage: Stage, new_context: NewContext
) -> None:
    context = new_context()
    opened: list[str] = []
    context.on("page", lambda page: page.on("websocket", lambda socket: opened.append(socket.url)))
    visitor = stage.visitor(context)
    visitor.page.get_by_role("button", name="Open the chat").wait_for()
    visitor.page.wait_for_timeout(1000)
    stored = visitor.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert (opened, stored) == ([], [0, 0, ""])

    visitor.open_chat()
    # Not by a function that the page waits for: its policy forbids it to evaluate text.
    visitor.page.get_by_label("Name").wait_for()
    visitor.page.wait_for_timeout(1000)
    assert visitor.page.evaluate("localStorage.length") > 0
    assert len(opened) == 1


def test_a_reload_in_mid_conversation_goes_on(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("before")
    expect(visitor.log().get_by_label(re.compile("Sent|Delivered"))).to_be_visible()
    visitor.page.reload()
    expect(visitor.log()).to_contain_text("before")
    visitor.say("after")
    seller.choose("Ada")
    expect(seller.log()).to_contain_text(re.compile("before.*after", re.DOTALL))
    seller.page.reload()
    seller.choose("Ada")
    expect(seller.log()).to_contain_text(re.compile("before.*after", re.DOTALL))


def test_what_is_written_offline_arrives_once_when_the_network_is_back(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    context = new_context()
    network = Network(context)
    visitor = stage.visitor(context)
    visitor.start_chat("Ada")
    visitor.say("one")
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("one")

    network.cut()
    expect(visitor.page.get_by_text("You are offline.")).to_be_visible()
    visitor.say("two")
    seller.say("Ada", "three")
    network.restore()
    expect(visitor.page.get_by_text("You are offline.")).to_be_hidden()
    expect(visitor.log()).to_contain_text("three")
    expect(seller.log()).to_contain_text("two")
    expect(seller.log().locator(".bubble", has_text="two")).to_have_count(1)


def test_two_tabs_of_a_visitor_show_the_same_conversation(stage: Stage, new_context: NewContext) -> None:
    context = new_context()
    first = stage.visitor(context)
    first.start_chat("Ada")
    first.say("from the first")
    second = stage.visitor(context)
    second.open_chat()
    expect(second.log()).to_contain_text("from the first")
    second.say("from the second")
    expect(first.log()).to_contain_text("from the second")
    expect(first.log().locator(".bubble", has_text="from the second")).to_have_count(1)


def test_a_seller_works_on_two_devices(stage: Stage, new_context: NewContext) -> None:
    desk, phone = stage.seller(new_context()), stage.seller(new_context(viewport={"width": 390, "height": 780}))
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Hello?")
    for seller in (desk, phone):
        seller.choose("Ada")
    phone.say("Ada", "Hello from my phone")
    expect(desk.log()).to_contain_text("Hello from my phone")
    expect(visitor.log()).to_contain_text("Hello from my phone")


def test_a_visitor_whose_websocket_is_blocked_talks_over_rest(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    context = new_context()
    context.route_web_socket(re.compile(".*"), lambda socket: socket.close())
    visitor = stage.visitor(context)
    visitor.start_chat("Ada")
    visitor.say("Over REST")
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("Over REST")
    seller.say("Ada", "It works all the same")
    expect(visitor.log()).to_contain_text("It works all the same")


def test_a_chat_is_handed_over_and_the_visitor_stays(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    colleague = Stage(stage.system, stage.pages, f"{stage.seller_id}-b")
    other = colleague.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Do you speak Spanish?")
    seller.choose("Ada")
    seller.page.get_by_label("Hand over", exact=True).click()
    seller.page.get_by_label("Hand over to").fill(colleague.seller_id)
    seller.page.get_by_role("button", name="Hand over", exact=True).click()
    expect(visitor.log()).to_contain_text("Another seller has taken over.")
    other.choose("Ada")
    expect(other.log()).to_contain_text("Do you speak Spanish?")
    other.say("Ada", "Sí")
    expect(visitor.log()).to_contain_text("Sí")


def test_a_chat_is_handed_over_with_a_note_that_the_visitor_never_sees(stage: Stage, new_context: NewContext) -> None:
    colleague = stage.colleague("Bob")
    stage.register()
    other, seller = colleague.seller(new_context()), stage.seller(new_context())
    expect(other.page.locator(".availability.online")).to_be_visible()
    context = new_context()
    heard = received_by(context)
    visitor = stage.visitor(context)
    visitor.start_chat("Ada")
    visitor.say("My bowl arrived broken")
    seller.choose("Ada")
    seller.page.get_by_label("Write to Ada").fill("She has sent a picture by e-mail")
    seller.page.get_by_label("Hand over", exact=True).click()
    row = seller.page.get_by_label("Colleagues").get_by_role("button", name="Bob")
    expect(row).to_contain_text("available, room for 5")
    seller.page.get_by_role("button", name="Take what you were writing").click()
    row.click()
    expect(seller.page.get_by_text("Ada was handed over to Bob.")).to_be_visible()
    expect(seller.contact("Ada")).to_be_hidden()

    other.choose("Ada")
    expect(other.page.locator(".notes")).to_contain_text("She has sent a picture by e-mail")
    expect(other.page.locator(".notes")).to_contain_text("Grace")
    other.say("Ada", "We send you another one")
    expect(visitor.log()).to_contain_text("We send you another one")
    assert "Another seller" in visitor.log().inner_text()
    assert [frame for frame in heard if "another one" in frame]
    assert not [frame for frame in heard if "picture by e-mail" in frame]
    assert visitor.complaints == seller.complaints == other.complaints == []


def test_a_chat_is_handed_to_a_team_and_what_becomes_of_it_is_said_before_and_after(
    stage: Stage, new_context: NewContext
) -> None:
    stage.register()
    team = f"returns-{stage.seller_id[-6:]}"
    seller, other = stage.seller(new_context()), stage.colleague("Bob", team).seller(new_context())
    other.page.get_by_label("Availability").select_option("away")
    expect(other.page.locator(".availability.away")).to_be_visible()
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("I want to send it back")

    def hand_over(outlook: str) -> None:
        seller.choose("Ada")
        seller.page.get_by_label("Hand over", exact=True).click()
        row = seller.page.get_by_label("Teams").get_by_role("button", name=team)
        expect(row).to_contain_text(outlook)
        row.click()

    hand_over("nobody there, waits")
    expect(seller.page.get_by_text(f"Ada waits for the team {team} now: nobody of it is there.")).to_be_visible()
    expect(visitor.page.get_by_text("away at the moment")).to_be_visible()
    other.page.get_by_role("button", name="Queue").click()
    expect(other.contact("Ada")).to_be_visible()
    other.page.get_by_label("Availability").select_option("online")
    other.page.get_by_role("button", name="Open").click()
    other.choose("Ada")
    expect(other.log()).to_contain_text("I want to send it back")

    other.page.get_by_label("Hand over", exact=True).click()
    other.page.get_by_label("Teams").get_by_role("button", name=stage.team).click()
    expect(
        other.page.get_by_text(f"Ada was handed over to {stage.seller_id} of the team {stage.team}.")
    ).to_be_visible()
    hand_over("1 there, room for 5")
    expect(other.contact("Ada")).to_be_visible()
    assert visitor.complaints == seller.complaints == other.complaints == []


def test_tags_are_on_every_device_of_the_seller_choose_what_is_listed_and_reach_no_visitor(
    stage: Stage, new_context: NewContext
) -> None:
    laptop, phone = stage.seller(new_context()), stage.seller(new_context())
    visitors = []
    for name in ("Ada", "Edith"):
        context = new_context()
        heard = received_by(context)
        visitor = stage.visitor(context)
        visitors.append((visitor, heard))
        visitor.start_chat(name)
        visitor.say(f"Hello from {name}")
        expect(phone.contact(name)).to_contain_text(f"Hello from {name}")
    laptop.choose("Ada")
    for tag in ("refund", "VIP"):
        laptop.page.get_by_label("Add a tag").fill(tag)
        laptop.page.get_by_label("Add a tag").press("Enter")
        expect(phone.contact("Ada").locator(".tag", has_text=tag)).to_be_visible()
    phone.page.get_by_label("Show").select_option("refund")
    expect(phone.contact("Edith")).to_be_hidden()
    expect(phone.contact("Ada")).to_be_visible()

    laptop.page.reload()
    expect(laptop.contact("Ada").locator(".tag")).to_have_text(["VIP", "refund"])
    laptop.page.get_by_role("button", name="Remove the tag refund").click()
    expect(phone.contact("Edith")).to_be_visible()
    laptop.say("Ada", "We refund it")
    expect(visitors[0][0].log()).to_contain_text("We refund it")
    frames = [frame for _, heard in visitors for frame in heard]
    assert [frame for frame in frames if "We refund it" in frame]
    assert not [frame for frame in frames if "VIP" in frame]
    assert laptop.complaints == phone.complaints == []


def test_of_two_sellers_who_take_a_waiting_chat_at_once_one_gets_it_and_the_other_is_told(
    stage: Stage, new_context: NewContext
) -> None:
    colleague = stage.colleague("Bob")
    stage.register()
    sellers = []
    held: list[Callable[[], None]] = []
    for each in (stage, colleague):
        context = new_context()
        hold_frames(context, "takeChat", held)
        seller = each.seller(context)
        seller.page.get_by_label("Availability").select_option("away")
        expect(seller.page.locator(".availability.away")).to_be_visible()
        seller.page.get_by_role("button", name="Queue").click()
        sellers.append(seller)
    visitor = stage.of_team().visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Is anybody there?")
    for seller in sellers:
        seller.choose("Ada")
        expect(seller.log()).to_contain_text("Is anybody there?")
        seller.page.get_by_role("button", name="Take the chat").click()
        seller.page.wait_for_timeout(100)
    assert len(held) == 2
    for send in held:
        send()

    told = "Ada was not taken. A colleague was quicker and answers this chat now."
    sentences = [seller.page.get_by_text(told) for seller in sellers]
    expect(sentences[0].or_(sentences[0].page.get_by_label("Write to Ada"))).to_be_visible()
    expect(sentences[1].or_(sentences[1].page.get_by_label("Write to Ada"))).to_be_visible()
    told_first = sentences[0].is_visible()
    loser, winner = sellers if told_first else reversed(sellers)
    expect(loser.page.get_by_text(told)).to_be_visible()
    expect(loser.page.get_by_label("Write to Ada")).to_be_hidden()
    expect(loser.page.get_by_text("Nobody is waiting.")).to_be_visible()
    winner.say("Ada", "I am")
    expect(visitor.log()).to_contain_text("I am")
    assert visitor.complaints == winner.complaints == loser.complaints == []


def test_a_visitor_who_is_blocked_learns_so_and_may_write_again_once_the_block_is_lifted(
    stage: Stage, new_context: NewContext
) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("You are all fools")
    seller.choose("Ada")
    seller.page.get_by_label("More").click()
    seller.page.get_by_role("button", name="Block the visitor").click()
    dialog = seller.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Insults")
    dialog.get_by_role("button", name="Block", exact=True).click()
    expect(visitor.log()).to_contain_text("The chat has ended.")
    visitor.say("Let me in")
    expect(visitor.log()).to_contain_text("We take no messages from you at the moment.")

    seller.page.get_by_label("Settings").click()
    seller.page.get_by_role("button", name="Blocked visitors").click()
    expect(dialog).to_contain_text("Ada: Insults")
    dialog.get_by_role("button", name="Unblock").click()
    expect(dialog).to_contain_text("Nobody is blocked.")
    dialog.get_by_role("button", name="Close").click()
    visitor.log().get_by_role("button", name="Try again").click()
    expect(seller.contact("Ada")).to_contain_text("Let me in")
    assert visitor.complaints == seller.complaints == []


def test_a_visitor_who_must_wait_learns_so_and_is_served_when_the_seller_comes(
    stage: Stage, new_context: NewContext
) -> None:
    seller = stage.seller(new_context())
    seller.page.get_by_label("Availability").select_option("offline")
    expect(seller.page.get_by_label("Availability")).to_have_value("offline")
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    expect(visitor.page.get_by_text(re.compile("in line|away at the moment"))).to_be_visible()
    visitor.say("I can wait")
    seller.page.get_by_label("Availability").select_option("online")
    expect(visitor.page.get_by_text(re.compile("in line|away at the moment"))).to_be_hidden()
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("I can wait")


def test_what_a_seller_chooses_from_is_drawn_by_the_console_and_by_no_browser(
    stage: Stage, new_context: NewContext
) -> None:
    seller = stage.seller(new_context())
    # WebKit draws its own as grey boxes, which are higher than the bar that they are in.
    for label in ("Availability", "Sort by"):
        expect(seller.page.get_by_label(label)).to_have_css("appearance", "none")


def test_a_seller_who_is_away_stays_so_over_a_reload_and_a_second_tab(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    seller.page.get_by_label("Availability").select_option("away")
    expect(seller.page.locator(".availability.away")).to_be_visible()
    seller.page.reload()
    expect(seller.page.locator(".availability.away")).to_be_visible()
    phone = stage.seller(new_context())
    expect(phone.page.locator(".availability.online")).to_be_visible()
    expect(seller.page.locator(".availability.online")).to_be_visible()
    phone.page.get_by_label("Availability").select_option("away")
    expect(seller.page.locator(".availability.away")).to_be_visible()


def test_those_who_wait_are_told_their_places_and_move_up(stage: Stage, new_context: NewContext) -> None:
    stage.register(capacity=1)
    seller = stage.seller(new_context())
    served, first, second = (stage.visitor(new_context()) for _ in range(3))
    served.start_chat("Edith")
    expect(seller.contact("Edith")).to_be_visible()
    first.start_chat("Ada")
    expect(first.page.get_by_text("You are number 1 in line.")).to_be_visible()
    second.start_chat("Grace")
    expect(second.page.get_by_text("You are number 2 in line.")).to_be_visible()
    first.page.get_by_label("More").click()
    first.page.get_by_role("button", name="End chat").click()
    first.page.get_by_role("button", name="Really end the chat?").click()
    expect(second.page.get_by_text("You are number 1 in line.")).to_be_visible()


def test_out_of_hours_a_visitor_is_asked_to_leave_a_message(stage: Stage, new_context: NewContext) -> None:
    stage.register(hours=json.dumps({"time_zone": "UTC", "week": {}}))
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    expect(visitor.page.get_by_text("We are away at the moment. Leave a message")).to_be_visible()
    visitor.say("Please write to me")
    expect(visitor.log().get_by_label("Sent")).to_be_visible()


def test_the_seller_s_desk_comes_back_after_a_cut(stage: Stage, new_context: NewContext) -> None:
    context = new_context()
    network = Network(context)
    seller = stage.seller(context)
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    seller.choose("Ada")
    network.cut()
    expect(seller.page.get_by_text("You are offline.")).to_be_visible()
    visitor.say("Still there?")
    seller.say("Ada", "Back in a moment")
    network.restore()
    expect(seller.page.get_by_text("You are offline.")).to_be_hidden()
    expect(seller.log()).to_contain_text("Still there?")
    expect(visitor.log()).to_contain_text("Back in a moment")


def test_a_canned_reply_greets_the_visitor_by_name(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    seller.choose("Ada")
    seller.page.get_by_label("Canned replies").click()
    seller.page.get_by_role("button", name="Hello Ada, how can I help you?", exact=True).click()
    seller.page.get_by_label("Write to Ada").press("Enter")
    expect(visitor.log()).to_contain_text("Hello Ada, how can I help you?")


def test_the_title_counts_what_the_seller_has_not_seen(stage: Stage, new_context: NewContext) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Hello?")
    expect(seller.page).to_have_title("(1) Seller Chat")
    seller.choose("Ada")
    expect(seller.page).to_have_title("Seller Chat")


def test_a_transcript_can_be_taken_home(stage: Stage, new_context: NewContext) -> None:
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("For the record")
    expect(visitor.log().get_by_label(re.compile("Sent|Delivered"))).to_be_visible()
    visitor.page.get_by_label("More").click()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Download transcript").click()
    assert "You: For the record" in download.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("token", ["not a token", "a.b.c"])
def test_a_token_that_is_none_is_answered_with_what_to_do(stage: Stage, new_context: NewContext, token: str) -> None:
    page = new_context().new_page()
    page.goto(f"{stage.pages.url}console.html")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Paste a new one")
