"""What stands around the labelled questions: ladders, lists and games like theirs, none of which has a counterpart on the other side."""

YN = ("Yes", "No")


def left():
    for day in (21, 22, 23):
        for strike in range(70_000, 92_000, 2_000):
            yield (f"Will the price of Bitcoin be above ${strike:,} on September {day}?", f"bitcoin-above-{strike // 1000}k-on-september-{day}",
                   f"2026-09-{day}T16:00", YN)
    for month in ("January", "June"):
        for words in ("decreases interest rates by 25 bps", "decreases interest rates by 50 bps", "increases interest rates by 25 bps"):
            yield (f"Fed {words} after {month} 2028 meeting?", f"fed-{words.replace(' ', '-')}-{month.lower()}-2028", "2028-06-15T12:00", YN)
    for name in ("Glenn Youngkin", "Nikki Haley", "Ron DeSantis", "Ted Cruz", "Josh Hawley", "Tom Cotton", "Tim Scott", "Vivek Ramaswamy"):
        yield (f"Will {name} win the 2028 Republican presidential nomination?", f"will-{name.lower().replace(' ', '-')}-win-the-2028-republican-nomination",
               "2028-11-07T00:00", YN)
    for home, away, code in (("Packers", "Bears", "gb-chi"), ("Broncos", "Raiders", "den-lv"), ("Rams", "49ers", "la-sf"), ("Jets", "Dolphins", "nyj-mia")):
        yield (f"{home} vs. {away}", f"nfl-{code}-2026-09-27", "2026-09-27T20:00", (home, away))
        yield (f"{home} vs. {away}: O/U 43.5", f"nfl-{code}-2026-09-27-total-43pt5", "2026-09-27T20:00", ("Over", "Under"))
    for town in ("Seattle", "Boston", "Dallas", "Atlanta"):
        for degrees in (62, 64, 66, 68):
            yield (f"Will the highest temperature in {town} be between {degrees}-{degrees + 1}°F on September 25?",
                   f"highest-temperature-in-{town.lower()}-on-september-25-{degrees}f", "2026-09-25T12:00", YN)
    for country in ("Germany", "England", "Portugal", "Netherlands", "Morocco", "Japan"):
        yield (f"Will {country} win the 2030 FIFA World Cup?", f"will-{country.lower()}-win-the-2030-fifa-world-cup", "2030-07-21T12:00", YN)


def right():
    for day in (28, 29):
        for strike in range(60_000, 100_000, 1_250):
            yield f"KXBTCD-26SEP{day}17-T{strike - 1}.99", f"Bitcoin price on Sep {day}, 2026 at 5pm EDT?", f"2026-09-{day}T21:00"
    for strike in (3.25, 3.5, 3.75, 4.0, 4.25, 4.5):
        yield (f"KXFED-28MAR-T{strike:.2f}", f"Will the upper bound of the federal funds rate be above {strike:.2f}% following the Fed's Mar 15, 2028 meeting?",
               "2028-03-15T17:59")
    for name, code in (("Wes Moore", "WM"), ("Andy Beshear", "AB"), ("Gretchen Whitmer", "GW"), ("Mark Kelly", "MK"), ("Ro Khanna", "RK")):
        yield f"KXPRESNOMD-28-{code}", f"Will {name} be the Democratic nominee for President in 2028?", "2028-11-07T15:00"
    for away, home, code, ends in (("Buffalo", "Miami", "BUFMIA", ("BUF", "MIA")), ("Detroit", "Minnesota", "DETMIN", ("DET", "MIN")),
                                   ("Cleveland", "Pittsburgh", "CLEPIT", ("CLE", "PIT"))):
        for end in ends:
            yield f"KXNFLGAME-26OCT04{code}-{end}", f"{away} at {home} Winner?", "2026-10-18T17:00"
    for town, code in (("Houston", "HOU"), ("Las Vegas", "LV"), ("Phoenix", "PHX"), ("Washington DC", "DC")):
        for degrees in (82, 84, 86, 88):
            yield f"KXHIGH{code}-26SEP25-B{degrees}.5", f"Will the **high temp in {town}** be {degrees}-{degrees + 1}° on Sep 25, 2026?", "2026-09-26T04:59"
    for month in ("Nov", "Dec"):
        for strike in (0.1, 0.2, 0.3, 0.4):
            yield f"KXCPI-26{month.upper()}-T{strike}", f"Will CPI rise more than {strike}% in {month} 2026?", "2027-01-13T13:25"
    for state, code in (("Colorado", "CO"), ("Oregon", "OR"), ("Kansas", "KS"), ("Montana", "MT"), ("Alaska", "AK")):
        yield f"SENATE{code}-26-R", f"Will Republicans win the Senate race in {state} in 2026?", "2027-01-03T15:00"
        yield f"SENATE{code}-26-D", f"Will Democrats win the Senate race in {state} in 2026?", "2027-01-03T15:00"
    for score in (60, 65, 70, 75, 85, 95):
        yield f"KXRT-WIC-{score}", f"Wicked Rotten Tomatoes score {score} or above?", "2026-12-21T15:00"
