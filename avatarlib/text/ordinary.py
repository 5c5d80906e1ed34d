"""Ordinary English words one slip away from a word that gives a tag: "heir" is not a misspelt "hair".

They were picked from a list of words that occur in film subtitles by running every word through the correction
of ``tokens``.
"""

__all__ = ["ORDINARY"]

ORDINARY = frozenset("""
    accessorize achy admonished amaze amazes apricots ashe aspen astonish astonishes bags bands bang banks banns
    bans barmaids battery beaded beading beads beaks beam beaned beans bearing bearings bears beater beating
    beatings beatniks beats beaus beauties becoming beet beets beget begets behaving benches bennet bennie
    bennies berating bereft bernie bert beset bins bitterly blackest blacking blacklist blacks blamed blaming
    bland blasting bleating blend blenders blends blessing blind blinders blinds block blonder blondish bloodied
    bloodier bloods blowfish blown blows blubbing bluefish bluer blues bluffing blunders blur blurring blurting
    bluster boas boaters bobs bogs boiler bond bonds bonne boos boss bots bower bowled bowlers bowls boyishly
    brackish brad brain brains branches brand brandies brands brawn breaking bret bronzed bronzes brownian
    brownies browning browns brunches brunt brush brushed brushes buds bugs bums bunched bung bunk bunks bunt
    bunts burns bush bushed bushes buss butchers butchery buts buttered butters buys cackling cads calamine
    camps cams canard cans capes capo capos capper capt caramels carbine carbines cardinals carmel carnival
    caroline carps cars caws chalks champaign chan chanteuse chaps charmaine charming chartres checking cheeky
    cheer cheers cheesy chocking chocolates chocolatey chocolatier chocolaty chopped chopper choppers choral
    chucked chucking clan claps clucking coalmine coals coax coco coffees coffer coil cooper copier copped
    coppers cops copter cora corals corral cowl crackled crackles crackling cram craps creak creaky creamery
    creams crippled cropper culls cups curbs curds cures curs dank dare darken darn dart delegated delights
    denis dirk dwarfish eggplants eked embarrass embarrasses embarrassments esmeralda eves ewes exes fail fain
    fairs fakir faro federals ferns festered finery flagging flailing flair flaking flamenco flamingoes
    flamingos flanking flapping flaring flash flashed flashes flashing flattered flaying fleming flesh fleshed
    flocking flogging flooding flooring flopping flossing flouting flowering fluffing flunking fluttered foaming
    following fostered framing fridge fringed fringes gage gaggle gain gains gale game gannet gape gaps gargling
    garner garnets garret gary gases gash gashed gassed gasses gassing gate gauze gave gawp gawping gazed gazes
    gigged gigging giggly gild gingerly gingers gins gird girly giro glassed glaze glinting gnashing goad goggle
    goggling golds golf grab grabbing grace gracing grad grade grading grady grafting grain grains gram granting
    graph graphing grasp grasped grasping grasps grasses grate grating gratings grave gravy grays graze grazing
    greasing greed greek greene greenest greening greens greenwich greer greet greeting greg grew greys grid
    grids grieving grilling grind grinding grinds grip gripe gripping grips grit grits gritting groaning groin
    groins grope grueling grunting gurgling gyrating haas hags hail hailed hails haircuts hairdos hairstyles
    hairy halted halts hams hans haply harpy hast hate hated hates hath hatter hays haze hazed hazelnuts header
    healed heaped heated heats heaved heeded heir heirs heralded herded hippy hired hits hokey holey homey hone
    honed hones honeybee honeydew honeys honky hooey hots huts ibis icky indy inks irish irks isis jaded jades
    jake jane jape jelly jovian jude lame lang languish lapped laps latching laughingly launched launching
    lengthen lengths leon lice lick licks lids lies life lila lima limb limo limp limped limps line linger
    lionfish lire lisp lite live loci locke loco locos locus lodger logger lone loner longed longhairs longhand
    longs lopped luck lucks lung lyme macaroon mace made mage maine male mana mandarins mandating mandolin manes
    mange mani mann mans many mare marion marlon marooned maroons marry mass mate maude maze mediums mercy mess
    micky midnights milks milt mina mindy ming mini mink mints minx miss missy mist misty mitt mobs mods moms
    monolith mons mont month monty moonlights moos mops mors moses mosey mosh most moth mots mouths mouthy mows
    muss mustered nary nave oliver olives orang orchids ores oryx overdosed pane peace peal pear pears peelers
    peeper peppers perch pester peter phony pick pike pile pined pines piney pinko pinks pinky pipe pistachios
    plaid plain plains plant plants plug plumb plume plump poach poky poly pond pong pons posy preach preachy
    punk puny purples ramen rave raved ravel raver raves reheated repaired rest rise rises riven rivulets robs
    rode roes role rome rope rosa rosie ross rote rouse roust rove rowe rube rubs rudy rugby runt runty rush
    russ rusts ruts sables sabre safe saga sages sago sags sailed sailing sake sale salon saloon saluting
    sampling sana sand sands sangs sank sarge sate save scare scariest scheming scooting scorn scottish scouring
    scout scouted scouting scouts scram scrammed scraping screamer screamers screened screening secs septa
    shacked shackled shaded shafting shakes shames shandy shang shapes share shares sharking shaves shearing
    sheeting shifting shilling shinning shirk shirked shirking shirks shocker shocking shooter shooters shooting
    shootings shoots shopping shore shorten shortens shortest shorthand shorties shorting shortlist shorty shots
    shown showy shrouded shrouding shucked shunting signing signings signs silvered silvers simile similes sing
    singe singeing singh singling singsong sinking sinks sinning sins sinus skate skinning skirting slake slang
    slat slated slater slates slats slave slinging slings slinking sliver slotting smacking smarting smearing
    smelling smelting smilingly smite smiting smoked smoker smokes snag snare sneaking snort snorting snout
    snouts snows socked soiled soiling solver sombreros song songs sonny sorter spades spanking spare spate
    spearing spec speck specks speeding spelling spending spews spics spilling spinning spoiling sponging
    spooking sport spotting spout spouted spouting spouts spraying spreading springing sprouted sprouting
    squeaking stable stage stake stale stand stands stared stares stark starlet starlets starr start starve
    stave steal stealing steaming steed steele steels steely steep steer stele stepson sticking stifling stile
    stiles stilling stinging stings stinking stirling stirring stocked store stout strained stranded streaking
    stream streamed streamer streaming streams striking stringing sung sunglass surmised surpassed surprise
    surprises swearing sweating swigging swilling swinging swings swirling sworn swotting tacking tackling tael
    tahitian tais tallying tangerines tanking tasking teak team tear teas teat tell thanking titan toffees toils
    tomatoes tracking trails trimmer trimmers trusses tuft twain twig twine twins twit violent virginian walnuts
    wane weakling weaning weaving wheaties whine whited whitefish whiten whiteout whiter whites whitey wile
    wince wind wined wines wink wino wins wipe wire wise wite wive wreaking write yarn yarns yawing yawp
    yearling yearning yellowed yellowing yellows yelp yelping yelps yielding yodelling
""".split())
